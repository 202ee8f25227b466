//! Reads and writes keys in PEM (RFC 7468).

use super::{KeyAlgorithm, KeyError, SigningKey, VerificationKey};
use aws_lc_rs::{
    encoding::{AsDer, Pkcs8V1Der},
    error::{KeyRejected, Unspecified},
    rsa::{KeyPair as RsaKeyPair, KeySize, PublicKey as RsaPublicKey},
    signature::{
        ECDSA_P256_SHA256_FIXED, ECDSA_P256_SHA256_FIXED_SIGNING, ED25519, EcdsaKeyPair, Ed25519KeyPair, KeyPair,
        RsaParameters, UnparsedPublicKey,
    },
};
use jsonwebtoken::{DecodingKey, EncodingKey};
use pem::{EncodeConfig, LineEnding, Pem};

/// The size of new RSA keys. 3072 bits would double the time of a verification and triple that of a signature; 2048
/// bits are accepted through 2030 (NIST SP 800-57 part 1, table 4), and a key is easily changed.
const RSA_SIZE: KeySize = KeySize::Rsa2048;

/// The `SubjectPublicKeyInfo` of a P-256 key (RFC 5480 section 2) up to its uncompressed point.
const P256_INFO: &[u8] = &[
    0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x06, 0x08, 0x2a, 0x86, 0x48, 0xce,
    0x3d, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00,
];

/// The `SubjectPublicKeyInfo` of an Ed25519 key (RFC 8410 section 4) up to the key.
const ED25519_INFO: &[u8] = &[0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00];

/// A key in a file.
pub(super) enum Key {
    Private(SigningKey),
    Public(VerificationKey),
}

/// Returns the first key in a PEM text. OpenSSL writes curve parameters before some.
pub(super) fn parse(text: &[u8]) -> Option<Key> {
    pem::parse_many(text).ok()?.iter().find_map(|block| {
        let der = block.contents();
        match block.tag() {
            "PRIVATE KEY" => rsa(RsaKeyPair::from_pkcs8(der), block)
                .or_else(|| p256(EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, der)))
                .or_else(|| ed25519(Ed25519KeyPair::from_pkcs8(der)))
                .map(Key::Private),
            "RSA PRIVATE KEY" => rsa(RsaKeyPair::from_der(der), block).map(Key::Private),
            "EC PRIVATE KEY" => {
                p256(EcdsaKeyPair::from_private_key_der(&ECDSA_P256_SHA256_FIXED_SIGNING, der)).map(Key::Private)
            }
            "PUBLIC KEY" => rsa_public(der)
                .or_else(|| p256_public(der.strip_prefix(P256_INFO)?))
                .or_else(|| ed25519_public(der.strip_prefix(ED25519_INFO)?))
                .map(Key::Public),
            "RSA PUBLIC KEY" => rsa_public(der).map(Key::Public),
            _ => None,
        }
    })
}

/// Whether a PEM text contains an unencrypted private key.
pub(super) fn has_private_key(text: &[u8]) -> bool {
    let is_private = |block: &Pem| matches!(block.tag(), "PRIVATE KEY" | "RSA PRIVATE KEY" | "EC PRIVATE KEY");
    pem::parse_many(text).is_ok_and(|blocks| blocks.iter().any(is_private))
}

type Parsed<T> = Result<T, KeyRejected>;

fn rsa(pair: Parsed<RsaKeyPair>, block: &Pem) -> Option<SigningKey> {
    let verification = rsa_public(pair.ok()?.public_key().as_ref())?;
    Some(SigningKey { encoding: EncodingKey::from_rsa_pem(pem::encode(block).as_bytes()).ok()?, verification })
}

fn p256(pair: Parsed<EcdsaKeyPair>) -> Option<SigningKey> {
    let pair = pair.ok()?;
    let verification = p256_public(pair.public_key().as_ref())?;
    Some(SigningKey { encoding: EncodingKey::from_ec_der(pair.to_pkcs8v1().ok()?.as_ref()), verification })
}

fn ed25519(pair: Parsed<Ed25519KeyPair>) -> Option<SigningKey> {
    let pair = pair.ok()?;
    let verification = ed25519_public(pair.public_key().as_ref())?;
    Some(SigningKey { encoding: EncodingKey::from_ed_der(pair.to_pkcs8v1().ok()?.as_ref()), verification })
}

/// Accepts both `SubjectPublicKeyInfo` and PKCS#1.
fn rsa_public(der: &[u8]) -> Option<VerificationKey> {
    let key = RsaPublicKey::from_der(der).ok()?;
    let bits = RsaParameters::public_modulus_len(key.as_ref()).ok()?;
    if !(2048..=8192).contains(&bits) {
        return None;
    }
    VerificationKey::public(KeyAlgorithm::RS256, DecodingKey::from_rsa_der(key.as_ref()))
}

fn p256_public(point: &[u8]) -> Option<VerificationKey> {
    UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, point).parse().ok()?;
    VerificationKey::public(KeyAlgorithm::ES256, DecodingKey::from_ec_der(point))
}

fn ed25519_public(key: &[u8]) -> Option<VerificationKey> {
    UnparsedPublicKey::new(&ED25519, key).parse().ok()?;
    VerificationKey::public(KeyAlgorithm::EdDSA, DecodingKey::from_ed_der(key))
}

/// Creates a private key as PKCS#8 in PEM.
pub(super) fn generate(algorithm: KeyAlgorithm) -> Result<String, KeyError> {
    let pkcs8 = || -> Result<Option<Vec<u8>>, Unspecified> {
        Ok(Some(match algorithm {
            KeyAlgorithm::RS256 => AsDer::<Pkcs8V1Der<'_>>::as_der(&RsaKeyPair::generate(RSA_SIZE)?)?.as_ref().to_vec(),
            KeyAlgorithm::ES256 => {
                EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING)?.to_pkcs8v1()?.as_ref().to_vec()
            }
            KeyAlgorithm::EdDSA => Ed25519KeyPair::generate()?.to_pkcs8v1()?.as_ref().to_vec(),
            KeyAlgorithm::HS256 => return Ok(None),
        }))
    };
    let der = pkcs8().map_err(|_| KeyError::Generation(algorithm))?.ok_or(KeyError::Symmetric)?;
    Ok(pem::encode_config(&Pem::new("PRIVATE KEY", der), EncodeConfig::new().set_line_ending(LineEnding::LF)))
}
