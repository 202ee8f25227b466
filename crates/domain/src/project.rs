//! Projects: what tasks belong to.

use crate::{
    Timestamp,
    audit::AuditEntry,
    id::{ProjectId, UserId},
    patch::{Patch, Set},
    quota::Quotas,
    text::{Description, ProjectName},
    word::words,
};

/// Whether a project takes new tasks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(rename_all = "snake_case"))]
pub enum ProjectStatus {
    /// Takes new tasks.
    Active,
    /// Takes no new tasks; those it has can still be worked on.
    Archived,
}

words!(ProjectStatus { Active = "active", Archived = "archived" });

/// A project.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Project {
    /// Never used again, also after a deletion.
    pub id: ProjectId,
    /// For people.
    pub name: ProjectName,
    /// For people.
    pub description: Option<Description>,
    /// Whether it takes new tasks.
    pub status: ProjectStatus,
    /// Who made it. Never changes.
    pub owner_id: UserId,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
    /// 1 for a new project, one more for each change.
    pub version: i64,
}

/// A project that is to be made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewProject {
    /// For people.
    pub name: ProjectName,
    /// For people.
    pub description: Option<Description>,
    /// Who makes it.
    pub owner_id: UserId,
    /// Now.
    pub created_at: Timestamp,
    /// How many projects the owner may have, this one included.
    pub quota: u32,
}

impl NewProject {
    /// The project of `owner_id` that its todos are kept in.
    pub fn inbox(owner_id: UserId, now: Timestamp) -> Self {
        Self {
            name: ProjectName::inbox(),
            description: None,
            owner_id,
            created_at: now,
            quota: Quotas::default().projects_per_user,
        }
    }
}

/// Which projects a list is to show; all where nothing is set.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ProjectFilter {
    /// Only this user's.
    pub owner_id: Option<UserId>,
    /// Only of this status.
    pub status: Option<ProjectStatus>,
}

/// What is to change about a project.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ProjectPatch {
    /// A new name.
    pub name: Set<ProjectName>,
    /// Another description, or none.
    pub description: Patch<Description>,
    /// Another status; any may follow any.
    pub status: Set<ProjectStatus>,
}

/// A changed project, decided on one version of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProjectChange {
    /// The project as it is to be: version and `updated_at` already counted on.
    pub project: Project,
    /// The version that the change was decided on.
    pub based_on: i64,
    /// The line of the audit that is committed with it, where there is to be one.
    pub audit: Option<AuditEntry>,
}

impl Project {
    /// The change that `patch` makes, or `None` where everything is as it asks already.
    pub fn apply(&self, patch: ProjectPatch, now: Timestamp) -> Option<ProjectChange> {
        let mut project = self.clone();
        if let Some(name) = patch.name {
            project.name = name;
        }
        project.description = patch.description.apply(project.description);
        if let Some(status) = patch.status {
            project.status = status;
        }
        if project == *self {
            return None;
        }
        project.updated_at = now.max(self.updated_at);
        project.version += 1;
        Some(ProjectChange { based_on: self.version, project, audit: None })
    }
}

/// An archived project takes no new tasks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the project is archived and takes no new tasks; set its status to `active` first")]
pub struct Archived;

impl ProjectStatus {
    /// Whether a task may be added.
    pub fn takes_tasks(self) -> Result<(), Archived> {
        match self {
            Self::Active => Ok(()),
            Self::Archived => Err(Archived),
        }
    }
}
