//! Projects. Each task belongs to one.

use crate::{
    Timestamp,
    api_token::reach::Reach,
    audit::{AuditChanges, AuditEntry, AuditValue},
    id::{ProjectId, UserId},
    membership::{MemberRole, SharingConflict},
    patch::{Patch, Set},
    policy::{Action, ProjectAction},
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
    /// The user who created it, until it is transferred.
    pub owner_id: UserId,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
    /// The version is 1 for a new project, and one more after each change.
    pub version: i64,
}

/// A project as a user sees it, read in one snapshot.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProjectView {
    pub project: Project,
    /// The user's role; `None` where the user is no member.
    pub membership: Option<MemberRole>,
    /// Whether the project has an active webhook.
    pub has_webhooks: bool,
}

impl ProjectView {
    /// The owner's view of a project without an active webhook.
    pub fn of_owner(project: Project) -> Self {
        Self { project, membership: Some(MemberRole::Owner), has_webhooks: false }
    }

    /// What the policy needs to decide on an action of the user.
    pub fn action(&self, action: ProjectAction) -> Action {
        Action::InProject { project: self.project.id, action, membership: self.membership }
    }
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

/// The projects that a list is limited to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProjectFilter {
    /// The user whose projects are listed, and whose memberships are shown.
    pub reader: UserId,
    /// Whether projects are listed that the reader is no member of.
    pub all: bool,
    /// Only projects in which the reader has this role.
    pub role: Option<MemberRole>,
    pub status: Option<ProjectStatus>,
    /// Only these projects.
    pub reach: Reach,
}

impl ProjectFilter {
    /// All projects that `reader` is a member of.
    pub const fn of(reader: UserId) -> Self {
        Self { reader, all: false, role: None, status: None, reach: Reach::All }
    }
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
    /// The user who causes the change, where it is recorded for webhooks.
    pub watched_actor: Option<UserId>,
    /// The audit entry that is committed with the change.
    pub audit: Option<AuditEntry>,
}

/// A transfer of a project to another member, decided on one version of it. The former owner becomes an editor.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProjectTransfer {
    /// The project with its next owner, new version and `updated_at`.
    pub project: Project,
    /// The version that must still be stored.
    pub based_on: i64,
    pub former_owner: UserId,
    /// Most projects that the next owner may have, this one included.
    pub quota: u32,
    /// The user who causes the change, where it is recorded for webhooks.
    pub watched_actor: Option<UserId>,
    /// The audit entry that is committed with the change.
    pub audit: Option<AuditEntry>,
}

impl Project {
    /// Transfers the project to `user`. [`SharingConflict::AlreadyOwner`] for its owner.
    pub fn transfer(&self, user: UserId, quota: u32, now: Timestamp) -> Result<ProjectTransfer, SharingConflict> {
        if user == self.owner_id {
            return Err(SharingConflict::AlreadyOwner);
        }
        let (updated_at, version) = (now.max(self.updated_at), self.version + 1);
        let project = Self { owner_id: user, updated_at, version, ..self.clone() };
        let (based_on, former_owner) = (self.version, self.owner_id);
        Ok(ProjectTransfer { project, based_on, former_owner, quota, watched_actor: None, audit: None })
    }

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
        Some(ProjectChange { based_on: self.version, project, watched_actor: None, audit: None })
    }
}

impl AuditChanges {
    pub fn of_project(before: &Project, after: &Project) -> Self {
        let description = |project: &Project| AuditValue::from(project.description.as_ref().map(Description::as_str));
        Self::default()
            .field("name", before.name.as_str(), after.name.as_str())
            .field("description", description(before), description(after))
            .field("status", before.status.as_str(), after.status.as_str())
            .field("owner_id", before.owner_id.get(), after.owner_id.get())
    }

    pub fn of_deleted_project(project: &Project) -> Self {
        Self::default().unset("name", project.name.as_str()).unset("owner_id", project.owner_id.get())
    }
}

/// An archived project accepts no new tasks and labels.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the project is archived and takes no new tasks or labels; set its status to `active` first")]
pub struct Archived;

impl ProjectStatus {
    /// Returns [`Archived`] unless the project accepts new tasks and labels.
    pub fn takes_tasks(self) -> Result<(), Archived> {
        match self {
            Self::Active => Ok(()),
            Self::Archived => Err(Archived),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::TimeDelta;

    fn project() -> Project {
        Project {
            id: ProjectId::new(7),
            name: ProjectName::inbox(),
            description: None,
            status: ProjectStatus::Active,
            owner_id: UserId::new(1),
            created_at: Timestamp::UNIX_EPOCH,
            updated_at: Timestamp::UNIX_EPOCH,
            version: 4,
        }
    }

    #[test]
    fn transfer_changes_the_owner_and_the_version_only() {
        let project = project();
        let now = Timestamp::UNIX_EPOCH + TimeDelta::seconds(9);
        let transfer = project.transfer(UserId::new(2), 10, now).unwrap();
        let expected = Project { owner_id: UserId::new(2), updated_at: now, version: 5, ..project.clone() };
        assert_eq!((&transfer.project, transfer.based_on, transfer.former_owner), (&expected, 4, UserId::new(1)));
        assert_eq!(project.transfer(UserId::new(1), 10, now), Err(SharingConflict::AlreadyOwner));
    }

    #[test]
    fn patch_changes_its_fields_and_the_version_only() {
        let (before, now) = (project(), Timestamp::UNIX_EPOCH + TimeDelta::seconds(9));
        let description: Description = "Paths".parse().unwrap();
        let patch = ProjectPatch {
            name: Some("Garden".parse().unwrap()),
            description: Patch::Set(description.clone()),
            status: Some(ProjectStatus::Archived),
        };
        let change = before.apply(patch.clone(), now).unwrap();
        let expected = Project {
            name: "Garden".parse().unwrap(),
            description: Some(description),
            status: ProjectStatus::Archived,
            updated_at: now,
            version: 5,
            ..before.clone()
        };
        assert_eq!((&change.project, change.based_on), (&expected, 4));
        assert_eq!(change.project.apply(patch, now), None);
        let text = |text: &str| AuditValue::from(text);
        let audited = [
            ("name", text("Inbox"), text("Garden")),
            ("description", AuditValue::Null, text("Paths")),
            ("status", text("active"), text("archived")),
        ];
        assert_eq!(AuditChanges::of_project(&before, &change.project).0, audited);
    }

    #[test]
    fn audit_of_a_deleted_project_has_its_name_and_owner() {
        let null = || AuditValue::Null;
        let deleted = [("name", AuditValue::from("Inbox"), null()), ("owner_id", AuditValue::Number(1), null())];
        assert_eq!(AuditChanges::of_deleted_project(&project()).0, deleted);
    }

    #[test]
    fn an_archived_project_takes_no_tasks() {
        assert_eq!(ProjectStatus::Active.takes_tasks(), Ok(()));
        assert_eq!(ProjectStatus::Archived.takes_tasks(), Err(Archived));
    }
}
