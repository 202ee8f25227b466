//! Sending mail.

use crate::mail::Mail;
use async_trait::async_trait;
use std::error::Error;

/// Why a mail was not sent. Names no secret.
#[derive(Debug, thiserror::Error)]
pub enum MailError {
    /// It may be sent later: the server can't be reached, is busy, or knows its own credentials no more.
    #[error("the mail could not be sent now: {0}")]
    Temporary(#[source] Box<dyn Error + Send + Sync>),
    /// It will never be sent: the server refuses the receiver or the mail.
    #[error("the mail was refused: {0}")]
    Permanent(#[source] Box<dyn Error + Send + Sync>),
}

/// Sends mails.
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait Mailer: Send + Sync {
    /// Hands the mail over to whoever delivers it. Gives up within half a minute.
    async fn send(&self, mail: Mail) -> Result<(), MailError>;
}
