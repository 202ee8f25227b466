//! Tickets: a stand-in for an access token where one can't be sent safely, as in the address of a WebSocket.

use crate::{
    Timestamp,
    token::{AccessClaims, SecretToken},
};
use std::{fmt, time::Duration};

/// How long a ticket is good.
pub const TICKET_LIFETIME: Duration = Duration::from_secs(30);

// @norm NORM-SEC-002
/// The SHA-256 of a secret that was drawn at random: storage keeps this and can't give the secret away.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct SecretHash([u8; 32]);

impl SecretHash {
    /// Takes the digest.
    pub const fn new(digest: [u8; 32]) -> Self {
        Self(digest)
    }

    /// The digest.
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl fmt::Debug for SecretHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SecretHash(…)")
    }
}

/// A secret that was drawn at random, for the one client it is meant for, and what is kept of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DrawnSecret {
    /// URL-safe.
    pub secret: SecretToken,
    /// For storage.
    pub hash: SecretHash,
}

/// A ticket that is to be kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewTicket {
    /// Finds it.
    pub hash: SecretHash,
    /// Of the access token that it stands for.
    pub claims: AccessClaims,
    /// Good until then.
    pub expires_at: Timestamp,
}
