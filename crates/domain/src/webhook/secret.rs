//! The secrets that sign what a webhook sends.

use crate::field::Invalid;
use base64::{Engine, engine::general_purpose::STANDARD};
use std::{fmt, ops::RangeInclusive};

// @norm NORM-SEC-002
/// A secret as [Standard Webhooks](https://www.standardwebhooks.com) has it: `whsec_` and base64. It is stored as it is,
/// as the server signs with it. `Debug` doesn't print it.
#[derive(Clone, PartialEq, Eq)]
pub struct WebhookSecret {
    text: String,
    key: Vec<u8>,
}

impl WebhookSecret {
    /// Number of bytes that the standard allows.
    const LENGTHS: RangeInclusive<usize> = 24..=64;

    const PREFIX: &'static str = "whsec_";

    /// Creates a secret from bytes that the caller drew at random.
    pub fn new(bytes: [u8; 32]) -> Self {
        Self { text: format!("{}{}", Self::PREFIX, STANDARD.encode(bytes)), key: bytes.to_vec() }
    }

    /// Accepts the text form.
    pub fn parse(text: String) -> Result<Self, Invalid> {
        let key = text.strip_prefix(Self::PREFIX).and_then(|encoded| STANDARD.decode(encoded).ok());
        match key.filter(|key| Self::LENGTHS.contains(&key.len())) {
            Some(key) => Ok(Self { text, key }),
            None => Err(Invalid::new("invalid", "must be `whsec_` and 24 to 64 bytes in base64")),
        }
    }

    /// The text form, for the webhook's owner and for storage only.
    pub fn expose(&self) -> &str {
        &self.text
    }

    /// The bytes to sign with.
    pub fn key(&self) -> &[u8] {
        &self.key
    }
}

impl fmt::Debug for WebhookSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("WebhookSecret(…)")
    }
}
