//! What the rules need from the world. Adapters implement these traits; use cases hold them as `Arc<dyn …>`.
//!
//! # Promises that every repository keeps
//!
//! - A method that writes is **one transaction**: all that it takes is committed together, or nothing is.
//! - What was acknowledged survives the death of the process.
//! - A lookup that finds nothing answers `Ok(None)`; `Err` means that storage could not do its work.
//! - `save` and `delete` take the version that the change was decided on and answer `Ok(None)` or `Ok(false)`
//!   where another one stands (or none): load, decide and try again.
//! - A method that creates something for a request which may be sent again takes an
//!   [`Idempotency`](crate::idempotency::Idempotency), and commits a record of it with what it creates. Where there is
//!   one of that user and key already, not expired at the request's `at`, it answers `Conflict` with
//!   [`constraint::IDEMPOTENCY_KEY`]; an expired one is replaced.
//! - A change that has a line of the audit with it commits the line with itself, and is logged once it is committed.
//! - Lists come by ascending id, and ids grow in the order of commits that one client can observe. An id is
//!   never used twice.
//!
//! `fasttrack-testkit` has a case for each promise; run it against an adapter of your own.

pub mod audit;
pub mod clock;
pub mod comment;
pub mod email_verification;
pub mod health;
pub mod idempotency;
pub mod identity;
pub mod job;
pub mod mail;
pub mod news;
pub mod notice;
pub mod notification;
pub mod outbox;
pub mod password;
pub mod password_reset;
pub mod project;
pub mod rate_limit;
pub mod revocation;
pub mod secret;
pub mod session;
pub mod statistics;
pub mod task;
pub mod ticket;
pub mod token;
pub mod user;

use std::error::Error;

/// Rules that storage enforces, by the names that [`RepositoryError::Conflict`] uses.
pub mod constraint {
    /// An email address belongs to one account.
    pub const USER_EMAIL: &str = "users_email_key";
    /// There is always an active admin once there was one.
    pub const LAST_ACTIVE_ADMIN: &str = "last_active_admin";
    /// What a row refers to exists.
    pub const REFERENCE: &str = "foreign_key";
    /// A request is done once under its user's idempotency key.
    pub const IDEMPOTENCY_KEY: &str = "idempotency_key";
    /// A user of another issuer has one account.
    pub const IDENTITY: &str = "identities_pkey";
    /// There are as many rows in one place as its quota allows.
    pub const QUOTA: &str = "quota";
    /// A user has one Inbox.
    pub const INBOX: &str = "inboxes_pkey";
}

// @decision DEC-004
/// Why storage did not do its work.
#[derive(Debug, thiserror::Error)]
pub enum RepositoryError {
    /// The change breaks a rule that storage enforces; see [`constraint`].
    #[error("conflict with `{constraint}`")]
    Conflict {
        /// The rule.
        constraint: &'static str,
    },
    /// Storage can't be reached, is overloaded, or takes no writes at the moment, as when its disk is full. The same call may
    /// succeed later.
    #[error("storage is unavailable")]
    Unavailable(#[source] Box<dyn Error + Send + Sync>),
    /// Anything else: a defect, a corrupt row.
    #[error("storage failed")]
    Other(#[source] Box<dyn Error + Send + Sync>),
}

impl RepositoryError {
    /// Whether this is a conflict with `constraint`.
    pub fn is_conflict(&self, name: &str) -> bool {
        matches!(self, Self::Conflict { constraint } if *constraint == name)
    }
}
