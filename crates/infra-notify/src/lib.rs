//! Notification adapters.
//!
//! - [`bus`]: publishes hints to the connections of this node.
//! - [`mail`]: renders mails from the templates in `templates/`, and sends them by SMTP or writes them to the log.

pub mod bus;
pub mod mail;
