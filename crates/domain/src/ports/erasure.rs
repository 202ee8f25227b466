//! Erasure of accounts.

use super::RepositoryError;
use crate::{
    erasure::{Erasure, NewErasure, SharedProjects},
    revocation::UserEpoch,
};
use async_trait::async_trait;

/// The result of the first commit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Begun {
    /// The account is erased for everybody. The epoch is the one that its revocation was stored with.
    Erased(UserEpoch),
    /// Nothing was done: the account owns projects that have other members, and nobody gets them.
    Shared(SharedProjects),
    /// Nothing was done: another version of the account is stored, or none, or it got a project meanwhile. Begin again.
    Outdated,
}

/// Erases accounts. See the promises of [`ports`](super).
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait ErasureRepository: Send + Sync {
    /// Makes the account as unknown as one that never was, and queues [`NewErasure::job`]. In this transaction
    ///
    /// - address and name are replaced by [`Erasure::placeholder_email`] and [`Erasure::placeholder_name`], no address is
    ///   pending, and the password is removed, so that the address is free;
    /// - the account becomes inactive, its epoch grows, and the revocation of
    ///   [`RevokingAct::Erased`](crate::revocation::RevokingAct::Erased) is on the blocklist; all sessions end, API tokens are
    ///   revoked, reset and verification tokens are deleted, and nobody can read what is left;
    /// - identities are deleted, so that they can be linked again, and
    ///   [`KnownIdentity::erased_at`](super::identity::KnownIdentity::erased_at) is [`Erasure::at`] from then on;
    /// - memberships in projects of others end; invitations to the address are deleted, and jobs for
    ///   mails that would still be sent to the address;
    /// - with [`Erasure::reassign_to`], that user owns the account's projects afterwards, whatever the quota, each in a new
    ///   version, and the Inbox as an ordinary project; it gets the account's memberships, of two roles the higher;
    /// - without it, the open invitations of its projects are deleted.
    ///
    /// Without [`Erasure::reassign_to`] it is [`Begun::Shared`] where a project of the account has other members. An
    /// acceptance is either committed before and seen, or finds the invitation gone.
    ///
    /// - `Conflict` with [`constraint::LAST_ACTIVE_ADMIN`](super::constraint::LAST_ACTIVE_ADMIN) if the account is the
    ///   last active admin.
    /// - `Conflict` with [`constraint::REFERENCE`](super::constraint::REFERENCE) if [`Erasure::reassign_to`] is not active.
    async fn begin(&self, erasure: NewErasure) -> Result<Begun, RepositoryError>;

    /// Erases the next portion of what the account left behind, and returns whether nothing is left. A portion is one
    /// transaction on a few hundred rows, so that other writers don't wait long. Calls may be repeated, and may come at
    /// once.
    ///
    /// - Projects that it still owns are deleted, with their tasks and comments.
    /// - Tasks that are assigned to it are assigned to [`Erasure::reassign_to`], or to nobody where that user is not active
    ///   by now. Each gets a new version, and no event but [`Touched`](crate::event::Touched) is recorded.
    /// - Its sessions, idempotency records, notifications, held notices and records of notices that were sent are deleted.
    /// - Its API tokens lose user, name, prefix and projects, and stay revoked.
    /// - In notifications of others, its name becomes [`Erasure::placeholder_name`]. Those that a former release stored
    ///   don't have the actor's id: there the name itself is compared. A dispatch that read the former name is waited for.
    /// - Jobs that were queued until [`Erasure::at`], dead ones included, and held notices are replaced or deleted by
    ///   [`JobPayload::without`](crate::job::JobPayload::without).
    /// - In audit entries about the account, the values of
    ///   [`PERSONAL_FIELDS`](crate::audit::PERSONAL_FIELDS) become null.
    /// - The last portion deletes the job of [`NewErasure::job`], unless a worker runs it.
    ///
    /// Comments that it wrote in projects of others stay.
    async fn step(&self, erasure: &Erasure) -> Result<bool, RepositoryError>;
}
