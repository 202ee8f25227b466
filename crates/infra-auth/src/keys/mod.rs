//! Keys that sign and verify tokens. The `kid` of an asymmetric key is the RFC 7638 thumbprint of its public part. The
//! key that a token names decides the algorithm, never the token.

mod algorithm;
mod error;
mod file;
mod pem;

pub use algorithm::{KeyAlgorithm, UnknownAlgorithm};
pub use error::KeyError;
pub use file::generate;

use aws_lc_rs::hmac;
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use jsonwebtoken::{
    DecodingKey, EncodingKey,
    jwk::{Jwk, JwkSet, PublicKeyUse, ThumbprintHash},
};

/// The shortest secret for HS256: as long as its hash (RFC 7518 section 3.2).
const MIN_SECRET_BYTES: usize = 32;

/// A key that verifies tokens.
#[derive(Clone, Debug)]
pub struct VerificationKey {
    kid: String,
    algorithm: KeyAlgorithm,
    decoding: DecodingKey,
    /// Absent for a secret, which must not be published.
    jwk: Option<Jwk>,
}

impl VerificationKey {
    fn public(algorithm: KeyAlgorithm, decoding: DecodingKey) -> Option<Self> {
        let mut jwk = Jwk::from_decoding_key(&decoding, Some(algorithm.into())).ok()?;
        let kid = jwk.thumbprint(ThumbprintHash::SHA256).ok()?;
        jwk.common.key_id = Some(kid.clone());
        jwk.common.public_key_use = Some(PublicKeyUse::Signature);
        Some(Self { kid, algorithm, decoding, jwk: Some(jwk) })
    }

    /// The `kid` in the header of its tokens.
    pub fn kid(&self) -> &str {
        &self.kid
    }

    /// The only algorithm that the key is used with.
    pub fn algorithm(&self) -> KeyAlgorithm {
        self.algorithm
    }

    pub(crate) fn decoding(&self) -> &DecodingKey {
        &self.decoding
    }
}

/// A key that signs tokens, with the key that verifies them.
#[derive(Clone, Debug)]
pub struct SigningKey {
    encoding: EncodingKey,
    verification: VerificationKey,
}

impl SigningKey {
    /// Creates a key for HS256 from a secret of at least 32 bytes. Its `kid` is an HMAC with the secret: stable, and no
    /// better a hint than any token.
    pub fn from_secret(secret: &[u8]) -> Result<Self, KeyError> {
        if secret.len() < MIN_SECRET_BYTES {
            return Err(KeyError::ShortSecret);
        }
        // The signed part of a token contains a dot, so that this is never the signature of a token.
        let name = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, secret), b"fasttrack kid");
        let verification = VerificationKey {
            kid: URL_SAFE_NO_PAD.encode(name),
            algorithm: KeyAlgorithm::HS256,
            decoding: DecodingKey::from_secret(secret),
            jwk: None,
        };
        Ok(Self { encoding: EncodingKey::from_secret(secret), verification })
    }

    /// The `kid` in the header of its tokens.
    pub fn kid(&self) -> &str {
        &self.verification.kid
    }

    pub fn algorithm(&self) -> KeyAlgorithm {
        self.verification.algorithm
    }

    /// The part that verifies: the public key, or the secret.
    pub fn verification(&self) -> &VerificationKey {
        &self.verification
    }
}

/// The key that signs and all keys that verify.
#[derive(Clone, Debug)]
pub struct KeyRing {
    signing: SigningKey,
    /// The first one belongs to the signing key.
    verification: Vec<VerificationKey>,
}

impl KeyRing {
    /// Creates a ring that signs with `signing`, and verifies tokens of it and of `others`. For a rotation, create a
    /// new signing key and keep the old one in `others` until its last token has expired.
    pub fn new(signing: SigningKey, others: impl IntoIterator<Item = VerificationKey>) -> Self {
        let mut verification = vec![signing.verification.clone()];
        for key in others {
            if verification.iter().all(|known| known.kid != key.kid) {
                verification.push(key);
            }
        }
        Self { signing, verification }
    }

    /// Returns the public keys (RFC 7517), the signing one first. The set is empty if the only key is a secret.
    pub fn jwks(&self) -> JwkSet {
        JwkSet { keys: self.verification.iter().filter_map(|key| key.jwk.clone()).collect() }
    }

    pub(crate) fn signing(&self) -> (&VerificationKey, &EncodingKey) {
        (&self.signing.verification, &self.signing.encoding)
    }

    pub(crate) fn find(&self, kid: &str) -> Option<&VerificationKey> {
        self.verification.iter().find(|key| key.kid == kid)
    }
}

#[cfg(test)]
mod tests;
