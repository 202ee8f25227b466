//! Erasure of an account: the account is unusable from the first commit on, and what it left behind is erased in
//! portions.

use crate::{
    Timestamp,
    audit::AuditEntry,
    email::Email,
    field::{FieldError, Invalid},
    id::{ProjectId, UserId},
    job::{JobPayload, NewJob},
    person::Person,
    text::DisplayName,
};
use chrono::TimeDelta;

/// How long the job that finishes an erasure waits after the first commit: whoever erases the account does the first
/// portions, which usually are all.
const JOB_DELAY: TimeDelta = TimeDelta::seconds(5);

/// An account that is being erased, with what has to be found in other rows. It is kept in a job until that is done.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Erasure {
    pub user_id: UserId,
    /// The address that the account had.
    pub email: Email,
    /// The name that the account had.
    pub display_name: DisplayName,
    /// The user who gets the projects, memberships and assigned tasks. Without one they end with the account.
    pub reassign_to: Option<UserId>,
    /// The time of the first commit.
    pub at: Timestamp,
}

impl Erasure {
    /// The address in place of the erased one. No other account has it.
    pub fn placeholder_email(&self) -> Email {
        Email::placeholder(&format!("erased-{}", self.user_id))
    }

    /// The name in place of the erased one.
    pub fn placeholder_name(&self) -> DisplayName {
        Person::deleted_name()
    }
}

/// The beginning of an erasure, decided on one version of the account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewErasure {
    pub erasure: Erasure,
    /// The version of the account that must still be stored.
    pub based_on: i64,
    /// Whether the account is an active admin. The erasure is refused if it is the last one.
    pub loses_an_admin: bool,
    /// The audit entry that is committed with the first commit.
    pub audit: Option<AuditEntry>,
}

impl NewErasure {
    /// The job that finishes the erasure if whoever began it doesn't.
    pub fn job(&self) -> NewJob {
        let payload = JobPayload::EraseUser(self.erasure.clone());
        NewJob { payload, created_at: self.erasure.at + JOB_DELAY }
    }
}

/// What is left of a stored value when a user is erased.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Remainder<T> {
    /// The value has nothing of the user.
    Unchanged,
    /// The value without what it had of the user.
    Replaced(T),
    /// The value is deleted.
    Nothing,
}

/// The account owns projects that have other members. By ascending id.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the account owns projects with other members ({}); transfer or delete them first, or reassign them", ids(.0))]
pub struct SharedProjects(pub Vec<ProjectId>);

fn ids(projects: &[ProjectId]) -> String {
    projects.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}

impl SharedProjects {
    /// One detail for each project.
    pub fn details(&self) -> Vec<FieldError> {
        let detail = |id: &ProjectId| {
            let message = format!("project {id} has other members: transfer or delete it first");
            Invalid::new("has_members", message).at("projects")
        };
        self.0.iter().map(detail).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn details_name_each_shared_project() {
        let shared = SharedProjects(vec![ProjectId::new(3), ProjectId::new(5)]);
        assert!(shared.to_string().contains("(3, 5)"));
        let details = shared.details();
        assert_eq!(details.len(), 2);
        assert!(details.iter().all(|it| (it.field.as_str(), it.code) == ("projects", "has_members")));
        assert!(details[1].message.contains('5'));
    }

    #[test]
    fn placeholders_hold_nothing_of_the_user() {
        let erasure = Erasure {
            user_id: UserId::new(5),
            email: Email::parse("ann@example.org").unwrap(),
            display_name: DisplayName::parse("Ann".to_owned()).unwrap(),
            reassign_to: None,
            at: Timestamp::UNIX_EPOCH,
        };
        assert!(erasure.placeholder_email().is_placeholder());
        assert_eq!(erasure.placeholder_email().as_str(), "erased-5@external.invalid");
        assert_eq!(erasure.placeholder_name().as_str(), "Deleted user");
    }

    #[test]
    fn the_job_leaves_time_to_whoever_began() {
        let erasure = Erasure {
            user_id: UserId::new(5),
            email: Email::parse("ann@example.org").unwrap(),
            display_name: DisplayName::cut("Ann").unwrap(),
            reassign_to: None,
            at: Timestamp::UNIX_EPOCH,
        };
        let job = NewErasure { erasure: erasure.clone(), based_on: 1, loses_an_admin: false, audit: None }.job();
        assert_eq!((job.payload, job.created_at - erasure.at), (JobPayload::EraseUser(erasure), TimeDelta::seconds(5)));
    }
}
