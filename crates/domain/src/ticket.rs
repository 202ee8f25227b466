//! Tickets: short-lived secrets in place of an access token where one can't be sent safely, as in a WebSocket's URL.

use crate::{
    Timestamp,
    token::{AccessClaims, SecretToken},
};
use std::{fmt, time::Duration};

/// A ticket expires this long after it was issued.
pub const TICKET_LIFETIME: Duration = Duration::from_secs(30);

// @norm NORM-SEC-002
/// The SHA-256 of a random secret. Storage keeps only this, so that a leaked database reveals no secret.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct SecretHash([u8; 32]);

impl SecretHash {
    pub const fn new(digest: [u8; 32]) -> Self {
        Self(digest)
    }

    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl fmt::Debug for SecretHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SecretHash(…)")
    }
}

/// A new random secret, and its hash for storage.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DrawnSecret {
    /// The secret is URL-safe.
    pub secret: SecretToken,
    pub hash: SecretHash,
}

/// A ticket to store.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewTicket {
    pub hash: SecretHash,
    /// The claims of the access token that it replaces.
    pub claims: AccessClaims,
    pub expires_at: Timestamp,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hash_has_its_bytes_and_is_not_printed() {
        let hash = SecretHash::new([7; 32]);
        assert_eq!((hash.as_bytes(), format!("{hash:?}").as_str()), (&[7; 32], "SecretHash(…)"));
    }
}
