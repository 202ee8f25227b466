//! Mails.
//!
//! Where they are sent to is a setting ([`SmtpUrl`]); without one they are written to the log ([`LogMailer`]).

mod letter;
mod log;
mod quote;
mod sender;
mod smtp;
mod url;

pub use log::LogMailer;
pub use sender::{InvalidSender, Sender};
pub use smtp::{Patience, SmtpMailer, TlsError};
pub use url::{InvalidSmtpUrl, SmtpUrl};
