//! Storage of labels.

use super::RepositoryError;
use crate::{
    Timestamp,
    audit::AuditEntry,
    id::{LabelId, ProjectId, UserId},
    label::{Label, LabelChange, LabelView, NewLabel},
    membership::MemberRole,
    page::{Page, PageRequest},
};
use async_trait::async_trait;

/// A page of a project's labels, with the reader's role that the policy needs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProjectLabels {
    pub membership: Option<MemberRole>,
    pub page: Page<Label>,
}

/// Stores labels. See the promises of [`ports`](super). No change of a label gives a task a new version.
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait LabelRepository: Send + Sync {
    /// Creates a label.
    ///
    /// - `Conflict` with [`constraint::REFERENCE`](super::constraint::REFERENCE) if the project doesn't exist.
    /// - `Conflict` with [`constraint::LABEL_NAME`](super::constraint::LABEL_NAME) if the project has a label with this
    ///   [key](crate::text::LabelName::key).
    /// - `Conflict` with [`constraint::QUOTA`](super::constraint::QUOTA) if the project has [`NewLabel::quota`] labels.
    ///   Concurrent calls can't exceed it.
    async fn create(&self, label: NewLabel) -> Result<Label, RepositoryError>;

    /// Returns a page of the project's labels; `Ok(None)` if the project doesn't exist. This is one query by an index.
    async fn list(
        &self,
        project: ProjectId,
        reader: UserId,
        page: PageRequest,
    ) -> Result<Option<ProjectLabels>, RepositoryError>;

    /// Returns the label, with the reader's role in its project from the same snapshot.
    async fn find(&self, id: LabelId, reader: UserId) -> Result<Option<LabelView>, RepositoryError>;

    /// Returns those of these labels that the project has, by ascending id.
    async fn find_in_project(&self, project: ProjectId, ids: Vec<LabelId>) -> Result<Vec<Label>, RepositoryError>;

    /// Saves the fields that change, and returns the label as it is then; `Ok(None)` if it doesn't exist. `Conflict` with
    /// [`constraint::LABEL_NAME`](super::constraint::LABEL_NAME) as for [`create`](Self::create).
    async fn save(&self, change: LabelChange) -> Result<Option<Label>, RepositoryError>;

    /// Deletes the label at `now`, takes it from every task, and commits the audit entry with that. `Ok(false)` if it
    /// doesn't exist.
    async fn delete(&self, id: LabelId, now: Timestamp, audit: Option<AuditEntry>) -> Result<bool, RepositoryError>;
}
