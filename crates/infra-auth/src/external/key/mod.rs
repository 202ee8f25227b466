//! The public keys of another issuer's key set.

use super::jws::{Algorithm, Header};
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED, ED25519, ParsedPublicKey, RSA_PKCS1_2048_8192_SHA256, RsaPublicKeyComponents,
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::Deserialize;
use serde_json::Value;

/// A set with more keys is a mistake or an attack.
const MAX_KEYS: usize = 100;

/// The shortest RSA modulus (RFC 7518 section 3.3).
const MIN_RSA_BYTES: usize = 2048 / 8;

/// The longest RSA modulus: a verification's cost grows with its square.
const MAX_RSA_BYTES: usize = 8192 / 8;

/// The length of a coordinate on P-256, and of an Ed25519 key.
const COORDINATE: usize = 32;

/// A JWK (RFC 7517 section 4). Unknown members are ignored.
#[derive(Deserialize)]
struct Jwk {
    kty: String,
    kid: Option<String>,
    alg: Option<String>,
    #[serde(rename = "use")]
    purpose: Option<String>,
    key_ops: Option<Vec<String>>,
    crv: Option<String>,
    n: Option<String>,
    e: Option<String>,
    x: Option<String>,
    y: Option<String>,
}

/// A public key for one signature algorithm.
#[derive(Debug)]
pub(super) struct Key {
    kid: Option<String>,
    algorithm: Algorithm,
    public: ParsedPublicKey,
}

impl Key {
    /// Parses a JWK. `None` for a key that is not for signatures, or of an unsupported type.
    fn parse(jwk: Value) -> Option<Self> {
        let jwk: Jwk = serde_json::from_value(jwk).ok()?;
        let is_for_signatures = jwk.purpose.as_deref().is_none_or(|purpose| purpose == "sig")
            && jwk.key_ops.as_ref().is_none_or(|operations| operations.iter().any(|name| name == "verify"));
        let (algorithm, public) = jwk.public()?;
        let is_for_algorithm = jwk.alg.as_deref().is_none_or(|name| Algorithm::named(name) == Some(algorithm));
        (is_for_signatures && is_for_algorithm).then_some(Self { kid: jwk.kid, algorithm, public })
    }

    /// Whether `signature` was made of `message` by this key's private key.
    pub(super) fn verifies(&self, message: &[u8], signature: &[u8]) -> bool {
        self.public.verify_sig(message, signature).is_ok()
    }
}

impl PartialEq for Key {
    fn eq(&self, other: &Self) -> bool {
        (&self.kid, self.algorithm, self.public.as_ref()) == (&other.kid, other.algorithm, other.public.as_ref())
    }
}

impl Jwk {
    fn public(&self) -> Option<(Algorithm, ParsedPublicKey)> {
        let (x, y) = (|| coordinate(self.x.as_deref()?), || coordinate(self.y.as_deref()?));
        match (self.kty.as_str(), self.crv.as_deref()) {
            ("RSA", _) => {
                let (n, e) = (unsigned(self.n.as_deref()?)?, unsigned(self.e.as_deref()?)?);
                if !(MIN_RSA_BYTES..=MAX_RSA_BYTES).contains(&n.len()) || (n.len() == MIN_RSA_BYTES && n[0] < 0x80) {
                    return None;
                }
                let parsed = RsaPublicKeyComponents { n, e }.to_parsed_public_key(&RSA_PKCS1_2048_8192_SHA256);
                Some((Algorithm::Rs256, parsed.ok()?))
            }
            ("EC", Some("P-256")) => {
                // SEC 1 section 2.3.3: an uncompressed point.
                let point = [vec![4], x()?, y()?].concat();
                Some((Algorithm::Es256, ParsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, point).ok()?))
            }
            ("OKP", Some("Ed25519")) => Some((Algorithm::Ed25519, ParsedPublicKey::new(&ED25519, x()?).ok()?)),
            _ => None,
        }
    }
}

fn coordinate(text: &str) -> Option<Vec<u8>> {
    URL_SAFE_NO_PAD.decode(text).ok().filter(|bytes| bytes.len() == COORDINATE)
}

/// Decodes an unsigned integer. Some issuers send leading zeros.
fn unsigned(text: &str) -> Option<Vec<u8>> {
    let bytes = URL_SAFE_NO_PAD.decode(text).ok()?;
    let start = bytes.iter().position(|byte| *byte != 0)?;
    Some(bytes[start..].to_vec())
}

/// Why a key set is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidKeySet {
    /// The document is not a JSON object with an array of `keys`.
    #[error("it is no JSON Web Key Set")]
    Form,
    /// The set has too many keys.
    #[error("it has more than {MAX_KEYS} keys")]
    TooMany,
    /// The set has no key of a supported type.
    #[error("none of its keys is of use: an RSA key of 2048 to 8192 bits, a P-256 or an Ed25519 key for signatures")]
    NoUsableKey,
}

/// A key set with at least one usable key.
#[derive(Debug, PartialEq)]
pub(super) struct KeySet(Vec<Key>);

impl KeySet {
    /// Parses a JWKS (RFC 7517 section 5). Unusable keys are left out.
    pub(super) fn parse(document: &[u8]) -> Result<Self, InvalidKeySet> {
        #[derive(Deserialize)]
        struct Document {
            keys: Vec<Value>,
        }
        let Document { keys } = serde_json::from_slice(document).map_err(|_| InvalidKeySet::Form)?;
        if keys.len() > MAX_KEYS {
            return Err(InvalidKeySet::TooMany);
        }
        let keys: Vec<_> = keys.into_iter().filter_map(Key::parse).collect();
        if keys.is_empty() { Err(InvalidKeySet::NoUsableKey) } else { Ok(Self(keys)) }
    }

    /// Whether the set has a key of the header's name, or the header names none: fetching the keys again is of no use
    /// then.
    pub(super) fn has_named(&self, header: &Header) -> bool {
        header.kid.is_none() || self.0.iter().any(|key| key.kid == header.kid)
    }

    /// Returns the key that a header names. Without a name the set must have one key only.
    pub(super) fn find(&self, header: &Header) -> Option<&Key> {
        let key = match (&header.kid, &*self.0) {
            (None, [only]) => only,
            (None, _) => return None,
            // Keys of different kinds may share a name (RFC 7517 section 4.5).
            (kid, keys) => keys.iter().find(|key| key.kid == *kid && key.algorithm == header.algorithm)?,
        };
        (key.algorithm == header.algorithm).then_some(key)
    }
}

#[cfg(test)]
mod tests;
