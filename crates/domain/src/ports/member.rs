//! Storage of memberships.

use super::RepositoryError;
use crate::{
    id::{ProjectId, UserId},
    membership::{Member, MemberChange, MemberRemoval, MemberRole},
    page::{Page, PageRequest},
    project::{Project, ProjectTransfer},
};
use async_trait::async_trait;

/// A page of a project's members, with the reader's role that the policy needs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProjectMembers {
    pub membership: Option<MemberRole>,
    pub page: Page<Member>,
}

/// Stores who a project is shared with. A new project has its owner as a member. See the promises of [`ports`](super).
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait MemberRepository: Send + Sync {
    /// Returns a page of the project's members by ascending id of the user, which is the cursor, and with their
    /// addresses; `Ok(None)` if the project doesn't exist. This is one query by an index.
    async fn list(
        &self,
        project: ProjectId,
        reader: UserId,
        page: PageRequest,
    ) -> Result<Option<ProjectMembers>, RepositoryError>;

    /// Returns the member with its address; `Ok(None)` if the user is no member, or the project doesn't exist.
    async fn find(&self, project: ProjectId, user: UserId) -> Result<Option<Member>, RepositoryError>;

    /// Adds a member or changes a member's role, and commits [`MemberChange::event`] with it. A member keeps its
    /// `created_at`.
    ///
    /// - `Ok(None)` if the user has another role than [`MemberChange::before`] by now.
    /// - `Conflict` with [`constraint::REFERENCE`](super::constraint::REFERENCE) if the project doesn't exist or the user
    ///   is not active.
    /// - `Conflict` with [`constraint::QUOTA`](super::constraint::QUOTA) if the user is new and the project has
    ///   [`MemberChange::quota`] members besides its owner. Concurrent calls can't exceed it.
    async fn put(&self, change: MemberChange) -> Result<Option<Member>, RepositoryError>;

    /// Ends a membership. In the same transaction the member's assignments in the project end; each of these tasks gets
    /// a new version, and [`MemberRemoval::at`] as `updated_at` unless its own is later. `Ok(false)` if the user has
    /// another role than [`MemberRemoval::before`] by now, or none.
    async fn remove(&self, removal: MemberRemoval) -> Result<bool, RepositoryError>;

    /// Transfers a project: the member becomes its owner, and the former owner an editor.
    ///
    /// - `Ok(None)` if another version of the project is stored, or none, or the next owner is no member by now. Of
    ///   concurrent calls that are based on one version exactly one succeeds.
    /// - `Conflict` with [`constraint::REFERENCE`](super::constraint::REFERENCE) if the next owner is not active.
    /// - `Conflict` with [`constraint::QUOTA`](super::constraint::QUOTA) if the next owner has
    ///   [`ProjectTransfer::quota`] projects.
    async fn transfer(&self, transfer: ProjectTransfer) -> Result<Option<Project>, RepositoryError>;
}
