use jsonwebtoken::Algorithm;
use std::{fmt, str::FromStr};

/// The signature algorithms of tokens (RFC 7518, RFC 8037).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyAlgorithm {
    /// RSASSA-PKCS1-v1.5 with SHA-256.
    RS256,
    /// ECDSA on P-256 with SHA-256.
    ES256,
    /// Ed25519; Ed448 is not supported.
    EdDSA,
    /// HMAC with SHA-256: each verifier can sign too.
    HS256,
}

impl fmt::Display for KeyAlgorithm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self, f)
    }
}

/// The name is not that of a supported algorithm.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the algorithm must be one of RS256, ES256, EdDSA, HS256")]
pub struct UnknownAlgorithm;

impl FromStr for KeyAlgorithm {
    type Err = UnknownAlgorithm;

    fn from_str(name: &str) -> Result<Self, UnknownAlgorithm> {
        [Self::RS256, Self::ES256, Self::EdDSA, Self::HS256]
            .into_iter()
            .find(|algorithm| algorithm.to_string() == name)
            .ok_or(UnknownAlgorithm)
    }
}

impl From<KeyAlgorithm> for Algorithm {
    fn from(algorithm: KeyAlgorithm) -> Self {
        match algorithm {
            KeyAlgorithm::RS256 => Self::RS256,
            KeyAlgorithm::ES256 => Self::ES256,
            KeyAlgorithm::EdDSA => Self::EdDSA,
            KeyAlgorithm::HS256 => Self::HS256,
        }
    }
}
