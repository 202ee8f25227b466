//! Ports: the traits that adapters implement. Use cases hold them as `Arc<dyn …>`.
//!
//! # Promises of every repository
//!
//! - A method that writes is **one transaction**: all its changes are committed together, or none.
//! - A committed change survives a crash of the process.
//! - A lookup without result returns `Ok(None)`; `Err` means that storage failed.
//! - `save` and `delete` take the version that the change was decided on. They return `Ok(None)` or `Ok(false)` if
//!   another version is stored, or none: the caller loads, decides and tries again.
//! - A method that creates an entity for a repeatable request takes an [`Idempotency`](crate::idempotency::Idempotency)
//!   and commits its record with the entity. If the user has an unexpired record with this key, it returns `Conflict`
//!   with [`constraint::IDEMPOTENCY_KEY`]; an expired record is replaced.
//! - A change of something that the [feed](change::ChangeFeed) shows commits an event that
//!   [names it](crate::event::Event::things).
//! - A change with an audit entry commits the entry in the same transaction, and logs it after the commit.
//! - A read that takes the reader returns its role in the project too, from the snapshot of the read. It returns what
//!   exists, whoever reads: the caller checks the policy.
//! - Lists are ordered by ascending id, unless another order is requested. Ids grow in the order of the commits that one client can observe, and no id is
//!   used twice.
//!
//! `fasttrack-testkit` tests each promise; run it against your own adapters.

pub mod api_token;
pub mod audit;
pub mod change;
pub mod clock;
pub mod comment;
pub mod email_verification;
pub mod erasure;
pub mod export;
pub mod health;
pub mod idempotency;
pub mod identity;
pub mod invitation;
pub mod job;
pub mod label;
pub mod mail;
pub mod member;
pub mod notice;
pub mod notification;
pub mod notification_bus;
pub mod outbox;
pub mod password;
pub mod password_reset;
pub mod people;
pub mod project;
pub mod rate_limit;
pub mod reminder;
mod repositories;
pub mod revocation;
pub mod search;
pub mod secret;
pub mod session;
pub mod statistics;
pub mod task;
pub mod ticket;
pub mod token;
pub mod user;
pub mod webhook;

pub use repositories::Repositories;

use std::error::Error;

/// Names of the constraints that storage enforces, for [`RepositoryError::Conflict`].
pub mod constraint {
    /// Each email address belongs to one account.
    pub const USER_EMAIL: &str = "users_email_key";
    /// An active admin always remains once there was one.
    pub const LAST_ACTIVE_ADMIN: &str = "last_active_admin";
    /// The entities that a row refers to exist.
    pub const REFERENCE: &str = "foreign_key";
    /// A user's request with an idempotency key is performed once.
    pub const IDEMPOTENCY_KEY: &str = "idempotency_key";
    /// Each identity of another issuer is linked to one account.
    pub const IDENTITY: &str = "identities_pkey";
    /// A container holds no more rows than its quota allows.
    pub const QUOTA: &str = "quota";
    /// Each user has one Inbox.
    pub const INBOX: &str = "inboxes_pkey";
    /// The names of a project's labels differ by more than case.
    pub const LABEL_NAME: &str = "labels_project_id_name_key";
    /// A task is under another task of its project, not under itself, and not too deep.
    pub const PARENT: &str = "tasks_parent";
    /// Each task of a project has another position.
    pub const POSITION: &str = "tasks_project_id_position";
    /// A list reads no more than [`MAX_ROWS_READ`](crate::task::MAX_ROWS_READ) rows.
    pub const ROWS_READ: &str = "rows_read";
    /// What changed after a position of the feed is still known.
    pub const CURSOR_EXPIRED: &str = "cursor_expired";
}

// @decision DEC-0002
/// Why a repository call failed.
#[derive(Debug, thiserror::Error)]
pub enum RepositoryError {
    /// The change violates a [`constraint`].
    #[error("conflict with `{constraint}`")]
    Conflict {
        /// The constant of [`constraint`].
        constraint: &'static str,
    },
    /// Storage is unreachable, overloaded or read-only at the moment, as with a full disk. A retry may succeed.
    #[error("storage is unavailable")]
    Unavailable(#[source] Box<dyn Error + Send + Sync>),
    /// Any other failure, such as a defect or a corrupt row.
    #[error("storage failed")]
    Other(#[source] Box<dyn Error + Send + Sync>),
}

impl RepositoryError {
    /// Whether this is a conflict with `constraint`.
    pub fn is_conflict(&self, name: &str) -> bool {
        matches!(self, Self::Conflict { constraint } if *constraint == name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_conflict_is_with_its_own_constraint_alone() {
        let conflict = RepositoryError::Conflict { constraint: constraint::USER_EMAIL };
        assert!(conflict.is_conflict(constraint::USER_EMAIL) && !conflict.is_conflict(constraint::LABEL_NAME));
        assert!(!RepositoryError::Other("USER_EMAIL".into()).is_conflict(constraint::USER_EMAIL));
    }
}
