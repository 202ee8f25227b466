//! Outbound mail.

use crate::mail::Mail;
use async_trait::async_trait;
use std::error::Error;

/// Why a mail was not sent. Messages contain no secrets.
#[derive(Debug, thiserror::Error)]
pub enum MailError {
    /// A retry may succeed: the server is unreachable or busy, or refuses our credentials.
    #[error("the mail could not be sent now: {0}")]
    Temporary(#[source] Box<dyn Error + Send + Sync>),
    /// A retry can't succeed: the server refuses the recipient or the mail.
    #[error("the mail was refused: {0}")]
    Permanent(#[source] Box<dyn Error + Send + Sync>),
}

/// Sends mails through an outbound server.
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait Mailer: Send + Sync {
    /// Hands the mail to the server. Returns within half a minute.
    async fn send(&self, mail: Mail) -> Result<(), MailError>;
}
