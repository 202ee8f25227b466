//! Random secrets.

use crate::{
    ticket::{DrawnSecret, SecretHash},
    webhook::WebhookSecret,
};

/// Generates random secrets, and hashes them for storage and lookup.
#[cfg_attr(feature = "mock", mockall::automock)]
pub trait SecretSource: Send + Sync {
    /// Generates 256 random bits from a cryptographic generator.
    fn draw(&self) -> DrawnSecret;

    /// Generates an API token of as many random bits: `ft_`, the bits in URL-safe base64, and the checksum of that, by
    /// which scanners recognize a leaked token. Its hash is that of the whole text.
    fn draw_api_token(&self) -> DrawnSecret;
    /// Generates a webhook's secret of 256 random bits.
    fn draw_webhook_secret(&self) -> WebhookSecret;

    /// Hashes a secret that a client sent.
    fn hash(&self, given: &str) -> SecretHash;
}
