//! Passwords, secrets and lines of the audit log that no change carries.

use crate::scheduler::Sim;
use async_trait::async_trait;
use fasttrack_domain::{
    audit::AuditEntry,
    password::{Password, PasswordAttempt, PasswordHash},
    ports::{
        audit::AuditLog,
        password::{HasherError, PasswordHasher},
        secret::SecretSource,
    },
    ticket::{DrawnSecret, SecretHash},
    token::SecretToken,
    webhook::WebhookSecret,
};
use std::sync::Arc;

/// Hashes are the passwords themselves, behind a prefix.
pub(crate) struct Passwords;

impl Passwords {
    pub(crate) fn hash_of(password: &str) -> PasswordHash {
        PasswordHash::new(format!("plain:{password}"))
    }
}

#[async_trait]
impl PasswordHasher for Passwords {
    async fn hash(&self, password: Password) -> Result<PasswordHash, HasherError> {
        Ok(Self::hash_of(password.expose()))
    }

    async fn verify(&self, attempt: PasswordAttempt, hash: Option<PasswordHash>) -> Result<bool, HasherError> {
        Ok(hash == Some(Self::hash_of(attempt.expose())))
    }

    async fn renew(&self, _: PasswordAttempt, _: PasswordHash) -> Result<Option<PasswordHash>, HasherError> {
        Ok(None)
    }
}

/// Draws secrets by the seed. The hash of a secret has its characters, as far as they fit.
pub(crate) struct Secrets(pub(crate) Arc<Sim>);

impl Secrets {
    fn draw_with(&self, prefix: &str) -> DrawnSecret {
        let mut bytes = [0; 16];
        bytes[4..].copy_from_slice(&self.0.bytes::<12>());
        let secret = format!("{prefix}{:024x}", u128::from_be_bytes(bytes));
        DrawnSecret { hash: self.hash(&secret), secret: SecretToken::new(secret) }
    }
}

impl SecretSource for Secrets {
    fn draw(&self) -> DrawnSecret {
        self.draw_with("s_")
    }

    fn draw_api_token(&self) -> DrawnSecret {
        self.draw_with("ft_")
    }

    fn draw_webhook_secret(&self) -> WebhookSecret {
        WebhookSecret::new(self.0.bytes())
    }

    fn hash(&self, given: &str) -> SecretHash {
        let mut digest = [0; 32];
        for (place, byte) in digest.iter_mut().zip(given.bytes()) {
            *place = byte;
        }
        SecretHash::new(digest)
    }
}

/// Drops the lines: what they say is in no database.
pub(crate) struct AuditLines;

#[async_trait]
impl AuditLog for AuditLines {
    fn record(&self, _: AuditEntry) {}

    async fn flush(&self) {}
}
