//! Projects. Each task belongs to one.

use crate::{
    Timestamp,
    audit::{AuditChanges, AuditEntry, AuditValue},
    id::{ProjectId, UserId},
    patch::{Patch, Set},
    quota::Quotas,
    string_enum::string_enum,
    text::{Description, ProjectName},
};

/// The state of a project.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(rename_all = "snake_case"))]
pub enum ProjectStatus {
    /// The project accepts new tasks.
    Active,
    /// The project accepts no new tasks; its tasks can still be changed.
    Archived,
}

string_enum!(ProjectStatus { Active = "active", Archived = "archived" });

/// A named list of tasks with one owner.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Project {
    /// Ids of deleted projects are not reused.
    pub id: ProjectId,
    pub name: ProjectName,
    pub description: Option<Description>,
    pub status: ProjectStatus,
    /// The user who created it. It never changes.
    pub owner_id: UserId,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
    /// The version is 1 for a new project, and one more after each change.
    pub version: i64,
}

/// A project that is not yet stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewProject {
    pub name: ProjectName,
    pub description: Option<Description>,
    pub owner_id: UserId,
    pub created_at: Timestamp,
    /// Maximum number of projects that the owner may have, this one included.
    pub quota: u32,
}

impl NewProject {
    /// The Inbox: the project that holds the todos of `owner_id`.
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

/// The projects that a list is limited to; all where nothing is set.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ProjectFilter {
    pub owner_id: Option<UserId>,
    pub status: Option<ProjectStatus>,
}

/// A patch of a project.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ProjectPatch {
    pub name: Set<ProjectName>,
    pub description: Patch<Description>,
    /// Any status may follow any other.
    pub status: Set<ProjectStatus>,
}

/// A changed project to save, decided on one version of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProjectChange {
    /// The changed project, with its new version and `updated_at`.
    pub project: Project,
    /// The version that must still be stored.
    pub based_on: i64,
    /// The audit entry that is committed with the change.
    pub audit: Option<AuditEntry>,
}

impl Project {
    /// Applies a patch. `None` if it changes nothing.
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

impl AuditChanges {
    pub fn of_project(before: &Project, after: &Project) -> Self {
        let description = |project: &Project| AuditValue::from(project.description.as_ref().map(Description::as_str));
        Self::default()
            .field("name", before.name.as_str(), after.name.as_str())
            .field("description", description(before), description(after))
            .field("status", before.status.as_str(), after.status.as_str())
    }

    pub fn of_deleted_project(project: &Project) -> Self {
        Self::default().unset("name", project.name.as_str()).unset("owner_id", project.owner_id.get())
    }
}

/// An archived project accepts no new tasks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the project is archived and takes no new tasks; set its status to `active` first")]
pub struct Archived;

impl ProjectStatus {
    /// Returns [`Archived`] unless the project accepts new tasks.
    pub fn takes_tasks(self) -> Result<(), Archived> {
        match self {
            Self::Active => Ok(()),
            Self::Archived => Err(Archived),
        }
    }
}
