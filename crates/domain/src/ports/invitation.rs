//! Storage of invitations.

use super::RepositoryError;
use crate::{
    Timestamp,
    audit::AuditEntry,
    id::{InvitationId, ProjectId, UserId},
    invitation::{Acceptance, FoundInvitation, Invitation, InvitationToSend, NewInvitation, NewInvitationToken},
    membership::MemberRole,
    page::{Page, PageRequest},
    ticket::SecretHash,
};
use async_trait::async_trait;

/// A page of a project's open invitations, with the reader's role that the policy needs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProjectInvitations {
    pub membership: Option<MemberRole>,
    pub page: Page<Invitation>,
}

/// Stores invitations and the hashes of their tokens. An invitation is open until it is accepted, withdrawn or replaced,
/// its project is deleted, or it has expired. See the promises of [`ports`](super).
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait InvitationRepository: Send + Sync {
    /// Creates an invitation, and queues [`NewInvitation::job`] with it. One of the same project to the same
    /// [address](crate::email::Email::key) is replaced: its token is no longer valid.
    ///
    /// - `Conflict` with [`constraint::REFERENCE`](super::constraint::REFERENCE) if the project doesn't exist.
    /// - `Conflict` with [`constraint::QUOTA`](super::constraint::QUOTA) if the project has [`NewInvitation::quota`]
    ///   other invitations that are open at [`NewInvitation::created_at`]. Concurrent calls can't exceed it.
    async fn create(&self, invitation: NewInvitation) -> Result<Invitation, RepositoryError>;

    /// Returns a page of the project's invitations that are open at `now`; `Ok(None)` if the project doesn't exist. This
    /// is one query by an index.
    async fn list(
        &self,
        project: ProjectId,
        reader: UserId,
        now: Timestamp,
        page: PageRequest,
    ) -> Result<Option<ProjectInvitations>, RepositoryError>;

    /// Withdraws the invitation, and commits the audit entry with that. `Ok(false)` if the project has no such
    /// invitation that is open at `now`.
    async fn delete(
        &self,
        project: ProjectId,
        id: InvitationId,
        now: Timestamp,
        audit: Option<AuditEntry>,
    ) -> Result<bool, RepositoryError>;

    /// Returns the invitation with what its mail names, if it is open at `now`.
    async fn find_to_send(&self, id: InvitationId, now: Timestamp)
    -> Result<Option<InvitationToSend>, RepositoryError>;

    /// Stores a token, which replaces the invitation's former one. `Ok(false)`, and the former one is kept, if the
    /// invitation is not open, or [`MAX_INVITATION_MAILS`](crate::invitation::MAX_INVITATION_MAILS) tokens were stored for
    /// its address within [`INVITATION_MAIL_WINDOW`](crate::invitation::INVITATION_MAIL_WINDOW).
    async fn set_token(&self, token: NewInvitationToken) -> Result<bool, RepositoryError>;

    /// Returns the invitation with this token if it is open at `now`, with the present role of `reader`.
    async fn find(
        &self,
        hash: SecretHash,
        reader: UserId,
        now: Timestamp,
    ) -> Result<Option<FoundInvitation>, RepositoryError>;

    /// Accepts an invitation: it is deleted, and the user gets [`Acceptance::role`]. No event is recorded
    /// but [`Acceptance::touched`] and one for webhooks.
    ///
    /// - `Ok(false)` if no invitation with this token is open at [`Acceptance::at`], or the user has another role than
    ///   [`Acceptance::before`] by now. Of concurrent calls with one token exactly one succeeds.
    /// - `Conflict` with [`constraint::REFERENCE`](super::constraint::REFERENCE) if the user is not active.
    /// - `Conflict` with [`constraint::QUOTA`](super::constraint::QUOTA) if the user is new and the project has
    ///   [`Acceptance::quota`] members besides its owner. Concurrent calls can't exceed it.
    async fn accept(&self, acceptance: Acceptance) -> Result<bool, RepositoryError>;

    /// Deletes invitations that have expired at `now`, and what was counted for
    /// [`MAX_INVITATION_MAILS`](crate::invitation::MAX_INVITATION_MAILS) before the window that ends then. Returns the
    /// number of both. Each call deletes no more than about `limit` of each: if as many were deleted, there may be
    /// others.
    async fn delete_expired(&self, now: Timestamp, limit: u32) -> Result<u64, RepositoryError>;
}
