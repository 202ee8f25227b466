//! How users hear of what happened. Adapters of the ports of `fasttrack-domain`.
//!
//! - [`hub`]: hints for those who are connected to this node.
//! - [`mail`]: mails, worded from the templates in `templates/`, sent by SMTP or written to the log.

#![warn(missing_docs)]

pub mod hub;
pub mod mail;
