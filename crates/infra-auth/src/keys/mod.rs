//! Keys that sign and verify tokens. An asymmetric key is named (`kid`) by the RFC 7638 thumbprint of its public
//! part; what a token may be signed with follows from the key that it names, never from the token.

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

/// RFC 7518 section 3.2: a key for HS256 is as long as its hash, or longer.
const MIN_SECRET_BYTES: usize = 32;

/// Verifies tokens.
#[derive(Clone, Debug)]
pub struct VerificationKey {
    kid: String,
    algorithm: KeyAlgorithm,
    decoding: DecodingKey,
    /// Absent for a secret, which is nobody else's business.
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

    /// What tokens name it by.
    pub fn kid(&self) -> &str {
        &self.kid
    }

    /// The only algorithm that it is used with.
    pub fn algorithm(&self) -> KeyAlgorithm {
        self.algorithm
    }

    pub(crate) fn decoding(&self) -> &DecodingKey {
        &self.decoding
    }
}

/// Signs tokens, and verifies what it signed.
#[derive(Clone, Debug)]
pub struct SigningKey {
    encoding: EncodingKey,
    verification: VerificationKey,
}

impl SigningKey {
    /// A key for HS256 of a secret of at least 32 bytes. Its `kid` is derived from the secret by HMAC: stable, and
    /// no better a hint than any token.
    pub fn from_secret(secret: &[u8]) -> Result<Self, KeyError> {
        if secret.len() < MIN_SECRET_BYTES {
            return Err(KeyError::ShortSecret);
        }
        // A signing input has a dot in it, so this can never be the signature of a token.
        let name = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, secret), b"fasttrack kid");
        let verification = VerificationKey {
            kid: URL_SAFE_NO_PAD.encode(name),
            algorithm: KeyAlgorithm::HS256,
            decoding: DecodingKey::from_secret(secret),
            jwk: None,
        };
        Ok(Self { encoding: EncodingKey::from_secret(secret), verification })
    }

    /// What tokens name it by.
    pub fn kid(&self) -> &str {
        &self.verification.kid
    }

    /// The algorithm that it signs with.
    pub fn algorithm(&self) -> KeyAlgorithm {
        self.verification.algorithm
    }

    /// The part that verifies: the public key, if it is not a secret.
    pub fn verification(&self) -> &VerificationKey {
        &self.verification
    }
}

/// The key that signs and all those that verify.
#[derive(Clone, Debug)]
pub struct KeyRing {
    signing: SigningKey,
    /// The signing key's own first.
    verification: Vec<VerificationKey>,
}

impl KeyRing {
    /// A ring that signs with `signing`, and verifies what it or one of `others` signed. To rotate, make a new
    /// signing key and keep the old one among the others until its last token has expired.
    pub fn new(signing: SigningKey, others: impl IntoIterator<Item = VerificationKey>) -> Self {
        let mut verification = vec![signing.verification.clone()];
        for key in others {
            if verification.iter().all(|known| known.kid != key.kid) {
                verification.push(key);
            }
        }
        Self { signing, verification }
    }

    /// The public keys as RFC 7517 has them, the signing one first. Empty where tokens are signed with a secret
    /// and no other key is known.
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
