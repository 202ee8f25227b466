//! Mailers: [`SmtpMailer`] sends to the server in [`SmtpUrl`], [`LogMailer`] writes to the log where none is
//! configured.

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
