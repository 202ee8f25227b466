//! Mailers: [`SmtpMailer`] sends to the server in [`SmtpUrl`], [`LogMailer`] writes to the log where none is
//! configured.

mod log;
mod quote;
mod render;
mod sender;
mod smtp;
mod url;

pub use log::LogMailer;
pub use sender::{InvalidSender, Sender};
pub use smtp::{SmtpMailer, SmtpTimeouts, TlsError};
pub use url::{InvalidSmtpUrl, SmtpUrl};
