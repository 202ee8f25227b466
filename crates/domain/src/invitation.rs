//! Invitations: a mailed token makes whoever brings it a member of a project.

use crate::{
    Timestamp,
    audit::{AuditChanges, AuditEntry},
    email::Email,
    id::{InvitationId, ProjectId, UserId},
    job::{JobPayload, NewJob},
    membership::{GrantedRole, MAX_MEMBERS, MemberRole},
    project::Project,
    text::{DisplayName, ProjectName},
    ticket::SecretHash,
};
use chrono::TimeDelta;
use std::time::Duration;

/// The validity of an invitation.
pub const INVITATION_LIFETIME: Duration = Duration::from_secs(7 * 24 * 60 * 60);

/// Most open invitations of a project.
pub const MAX_INVITATIONS: u32 = 100;

/// Most mails with an invitation to one address within [`INVITATION_MAIL_WINDOW`], of all projects together, so that
/// nobody can fill a stranger's mailbox.
pub const MAX_INVITATION_MAILS: u32 = 100;

/// The span that [`MAX_INVITATION_MAILS`] is counted in.
pub const INVITATION_MAIL_WINDOW: TimeDelta = TimeDelta::days(1);

/// An open invitation to a project.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Invitation {
    /// Ids of closed invitations are not reused.
    pub id: InvitationId,
    pub project_id: ProjectId,
    /// The address that the token is mailed to. It needn't belong to an account.
    pub email: Email,
    pub role: GrantedRole,
    pub created_at: Timestamp,
    pub expires_at: Timestamp,
}

/// An invitation that is not yet stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewInvitation {
    pub project_id: ProjectId,
    pub email: Email,
    pub role: GrantedRole,
    pub invited_by: UserId,
    pub created_at: Timestamp,
    /// Most open invitations that the project may have, this one included.
    pub quota: u32,
    /// The audit entry that is committed with the invitation.
    pub audit: Option<AuditEntry>,
}

impl NewInvitation {
    pub fn expires_at(&self) -> Timestamp {
        self.created_at + INVITATION_LIFETIME
    }

    /// The invitation that storage creates, for the id that it assigned.
    pub fn stored(&self, id: InvitationId) -> Invitation {
        Invitation {
            id,
            project_id: self.project_id,
            email: self.email.clone(),
            role: self.role,
            created_at: self.created_at,
            expires_at: self.expires_at(),
        }
    }

    /// The job that mails the token, for the id that storage assigned.
    pub fn job(&self, id: InvitationId) -> NewJob {
        NewJob { payload: JobPayload::InvitationMail { invitation_id: id }, created_at: self.created_at }
    }
}

/// An open invitation with what its mail names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InvitationToSend {
    pub invitation: Invitation,
    /// The project's present name.
    pub project: ProjectName,
    /// The present name of the user who invites.
    pub invited_by: DisplayName,
}

/// A token of an invitation to store. It replaces the invitation's former one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewInvitationToken {
    pub invitation_id: InvitationId,
    pub hash: SecretHash,
    /// Whether it replaces a token whose mail may not have been sent. Such a repetition doesn't count towards
    /// [`MAX_INVITATION_MAILS`].
    pub again: bool,
    pub created_at: Timestamp,
}

/// The invitation that a token belongs to, read in one snapshot.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FoundInvitation {
    pub invitation: Invitation,
    pub project: Project,
    /// The role that the user who brings the token has already.
    pub membership: Option<MemberRole>,
    /// Whether the project has an active webhook.
    pub has_webhooks: bool,
}

/// The end of an invitation by its acceptance, decided on the role that the user had.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Acceptance {
    /// The token's hash.
    pub hash: SecretHash,
    pub project_id: ProjectId,
    pub user_id: UserId,
    /// The role that must still be stored; `None` for a user who is no member.
    pub before: Option<MemberRole>,
    /// The role afterwards. It is never lower than the one before.
    pub role: MemberRole,
    pub at: Timestamp,
    /// Most members that the project may have, this one included and its owner not.
    pub quota: u32,
    /// Whether a new member is recorded for webhooks.
    pub is_watched: bool,
    /// The audit entry that is committed with the change.
    pub audit: Option<AuditEntry>,
}

impl FoundInvitation {
    /// Makes `user_id` a member, who brought the token with this hash.
    pub fn accept(&self, user_id: UserId, hash: SecretHash, at: Timestamp) -> Acceptance {
        let (before, invited) = (self.membership, MemberRole::from(self.invitation.role));
        Acceptance {
            hash,
            project_id: self.project.id,
            user_id,
            before,
            role: before.map_or(invited, |role| role.max(invited)),
            at,
            quota: MAX_MEMBERS,
            is_watched: self.has_webhooks,
            audit: None,
        }
    }
}

impl AuditChanges {
    /// The addresses of invited people are not recorded, as they may belong to nobody here.
    pub fn of_new_invitation(invitation: &NewInvitation) -> Self {
        Self::default().set("role", invitation.role.as_str())
    }

    pub fn of_deleted_invitation(id: InvitationId) -> Self {
        Self::default().unset("invitation_id", id.get())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{audit::AuditValue, project::ProjectStatus};

    fn found(membership: Option<MemberRole>, role: GrantedRole) -> FoundInvitation {
        let (at, id) = (Timestamp::UNIX_EPOCH, ProjectId::new(7));
        let new = NewInvitation {
            project_id: id,
            email: Email::parse("bob@example.org").unwrap(),
            role,
            invited_by: UserId::new(1),
            created_at: at,
            quota: MAX_INVITATIONS,
            audit: None,
        };
        let project = Project {
            id,
            name: ProjectName::parse("Garden".to_owned()).unwrap(),
            description: None,
            status: ProjectStatus::Active,
            owner_id: UserId::new(1),
            created_at: at,
            updated_at: at,
            version: 1,
        };
        FoundInvitation { invitation: new.stored(InvitationId::new(3)), project, membership, has_webhooks: false }
    }

    #[test]
    fn invitation_is_open_for_a_week() {
        let invitation = found(None, GrantedRole::Viewer).invitation;
        assert_eq!(invitation.expires_at - invitation.created_at, TimeDelta::days(7));
    }

    #[test]
    fn acceptance_never_lowers_a_role() {
        use MemberRole::{Commenter, Editor, Owner, Viewer};
        for (before, invited, after) in [
            (None, GrantedRole::Viewer, Viewer),
            (Some(Viewer), GrantedRole::Commenter, Commenter),
            (Some(Editor), GrantedRole::Viewer, Editor),
            (Some(Editor), GrantedRole::Editor, Editor),
            (Some(Owner), GrantedRole::Editor, Owner),
        ] {
            let hash = SecretHash::new([7; 32]);
            let acceptance = found(before, invited).accept(UserId::new(2), hash, Timestamp::UNIX_EPOCH);
            assert_eq!((acceptance.before, acceptance.role), (before, after));
        }
    }

    #[test]
    fn audit_names_no_address() {
        let (null, role) = (AuditValue::Null, AuditValue::from("viewer"));
        let invitation = NewInvitation {
            project_id: ProjectId::new(7),
            email: Email::parse("bob@example.org").unwrap(),
            role: GrantedRole::Viewer,
            invited_by: UserId::new(1),
            created_at: Timestamp::UNIX_EPOCH,
            quota: MAX_INVITATIONS,
            audit: None,
        };
        assert_eq!(AuditChanges::of_new_invitation(&invitation).0, [("role", null.clone(), role)]);
        let deleted = AuditChanges::of_deleted_invitation(InvitationId::new(3));
        assert_eq!(deleted.0, [("invitation_id", AuditValue::Number(3), null)]);
    }
}
