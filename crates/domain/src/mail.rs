//! Mails: to whom, and what about. How they are worded is up to the adapter that sends them.

use crate::{email::Email, notification::TaskNames, text::DisplayName, token::SecretToken};

/// A mail that is to be sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mail {
    /// The same for each attempt to send the same mail, so that a receiver can tell them for one; letters, digits
    /// and `-`.
    pub id: String,
    /// Whose address.
    pub to: Email,
    /// How the receiver is called.
    pub name: DisplayName,
    /// What about.
    pub message: Message,
}

/// What a mail is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Message {
    /// Somebody has registered.
    Welcome,
    /// A task is the receiver's now.
    TaskAssigned {
        /// Which.
        task: TaskNames,
        /// Who decided so.
        assigned_by: DisplayName,
    },
    /// Somebody asked for another password.
    PasswordReset {
        /// What lets its bearer choose one, once, within half an hour.
        token: SecretToken,
    },
}
