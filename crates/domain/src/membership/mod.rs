//! Membership: which users a project is shared with, and in which role.

mod role;

pub use role::{GrantedRole, MemberRole};

use crate::{
    Timestamp,
    audit::{AuditChanges, AuditEntry, AuditValue},
    email::Email,
    event::ProjectShared,
    id::{ProjectId, UserId},
    text::{DisplayName, ProjectName},
};

/// Most members of a project. Its owner is not counted.
pub const MAX_MEMBERS: u32 = 500;

/// A user of a project. The owner is a member, too.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Member {
    pub user_id: UserId,
    pub display_name: DisplayName,
    /// The address, which only the project's owner and administrators get.
    pub email: Option<Email>,
    pub role: MemberRole,
    /// The time at which the user became a member.
    pub created_at: Timestamp,
}

impl Member {
    /// The member as other members see it.
    #[must_use]
    pub fn without_email(self) -> Self {
        Self { email: None, ..self }
    }
}

/// A new member or another role of a member, decided on the role that the user had.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MemberChange {
    pub project_id: ProjectId,
    /// The project's name.
    pub project: ProjectName,
    pub user_id: UserId,
    /// The role that must still be stored; `None` for a user who is no member.
    pub before: Option<MemberRole>,
    pub role: GrantedRole,
    pub actor_id: UserId,
    pub at: Timestamp,
    /// Most members that the project may have, this one included and its owner not.
    pub quota: u32,
    /// Whether a new member is recorded for webhooks.
    pub is_watched: bool,
    /// The audit entry that is committed with the change.
    pub audit: Option<AuditEntry>,
}

impl MemberChange {
    /// The event of this change; `None` for another role of a member.
    pub fn event(&self) -> Option<ProjectShared> {
        self.before.is_none().then(|| ProjectShared {
            project_id: self.project_id,
            project: self.project.clone(),
            user_id: self.user_id,
            role: self.role,
            actor_id: self.actor_id,
            at: self.at,
        })
    }
}

/// The end of a membership, decided on the role that the member had. The member's assignments in the project end with
/// it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MemberRemoval {
    pub project_id: ProjectId,
    pub user_id: UserId,
    /// The role that must still be stored.
    pub before: MemberRole,
    pub at: Timestamp,
    /// The user who causes the removal, where it and the end of each assignment are recorded for webhooks.
    pub watched_actor: Option<UserId>,
    /// The audit entry that is committed with the removal.
    pub audit: Option<AuditEntry>,
}

/// Why the members of a project can't be changed like this.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SharingConflict {
    #[error("the Inbox is personal and can't be shared")]
    Inbox,
    #[error("the owner keeps the project and the role; transfer the project first")]
    Owner,
    #[error("the user owns the project already")]
    AlreadyOwner,
}

impl AuditChanges {
    /// The change of a user's role in a project; `None` for a user who is no member.
    pub fn of_member(user_id: UserId, before: Option<MemberRole>, after: Option<MemberRole>) -> Self {
        let id = |role: Option<MemberRole>| AuditValue::from(role.map(|_| user_id.get()));
        let role = |role: Option<MemberRole>| AuditValue::from(role.map(MemberRole::as_str));
        // Named even where it doesn't change, as the entry's object is the project.
        Self(vec![("user_id", id(before), id(after))]).field("role", role(before), role(after))
    }
}

/// A member's role by which a change is decided that would outlast the membership. It is committed only while the member
/// still has this role.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HeldRole {
    pub user_id: UserId,
    pub role: MemberRole,
}

impl HeldRole {
    /// The actor's role where the actor assigns a task to itself.
    pub(crate) fn of_self_assignment(
        actor_id: UserId,
        assignee_id: Option<UserId>,
        membership: Option<MemberRole>,
    ) -> Option<Self> {
        membership.filter(|_| assignee_id == Some(actor_id)).map(|role| Self { user_id: actor_id, role })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_new_member_causes_an_event() {
        let change = |before| MemberChange {
            project_id: ProjectId::new(7),
            project: ProjectName::parse("Garden".to_owned()).unwrap(),
            user_id: UserId::new(2),
            before,
            role: GrantedRole::Editor,
            actor_id: UserId::new(1),
            at: Timestamp::UNIX_EPOCH,
            quota: MAX_MEMBERS,
            is_watched: false,
            audit: None,
        };
        let event = change(None).event().unwrap();
        assert_eq!((event.user_id, event.actor_id, event.role), (UserId::new(2), UserId::new(1), GrantedRole::Editor));
        assert_eq!(change(Some(MemberRole::Viewer)).event(), None);
    }

    #[test]
    fn audit_names_the_user_of_every_change() {
        let (user, text) = (UserId::new(5), |text: &str| AuditValue::from(text));
        let id = AuditValue::Number(5);
        for (before, after, expected) in [
            (None, Some(MemberRole::Viewer), [(AuditValue::Null, id.clone()), (AuditValue::Null, text("viewer"))]),
            (
                Some(MemberRole::Viewer),
                Some(MemberRole::Editor),
                [(id.clone(), id.clone()), (text("viewer"), text("editor"))],
            ),
            (Some(MemberRole::Editor), None, [(id.clone(), AuditValue::Null), (text("editor"), AuditValue::Null)]),
        ] {
            let [(before_id, after_id), (before_role, after_role)] = expected;
            let expected = [("user_id", before_id, after_id), ("role", before_role, after_role)];
            assert_eq!(AuditChanges::of_member(user, before, after).0, expected);
        }
    }

    #[test]
    fn other_members_see_no_address() {
        let member = Member {
            user_id: UserId::new(2),
            display_name: DisplayName::cut("Bob").unwrap(),
            email: Email::parse("bob@example.org").ok(),
            role: MemberRole::Viewer,
            created_at: Timestamp::UNIX_EPOCH,
        };
        let shown = member.clone().without_email();
        assert_eq!((shown.email, shown.display_name), (None, member.display_name));
    }
}
