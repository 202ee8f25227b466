use super::Invitations;
use crate::{
    Error,
    project::{find, refuse_inbox},
    retry::{until_committed, within_quota},
};
use fasttrack_domain::{
    audit::{AuditAction, AuditChanges, AuditEntry, AuditObject, Origin},
    email::Email,
    id::ProjectId,
    invitation::{Invitation, MAX_INVITATIONS, NewInvitation},
    membership::GrantedRole,
    policy::{Actor, ProjectAction},
    quota::QuotaKind,
};

#[derive(Clone, Debug)]
pub struct CreateInvitation {
    pub actor: Actor,
    pub project_id: ProjectId,
    /// It needn't belong to an account.
    pub email: Email,
    pub role: GrantedRole,
    pub origin: Origin,
}

impl Invitations {
    // @spec SPEC-020
    /// Invites whoever receives mail at an address. No account is looked up, so that neither the answer nor its duration
    /// reveals whether there is one. A further invitation of the project to the same address replaces the first.
    ///
    /// [`Error::NotFound`], [`Error::Forbidden`], [`Error::Sharing`] for an Inbox, [`Error::QuotaExceeded`].
    #[tracing::instrument(name = "invitation.create", skip_all)]
    pub async fn create(&self, command: CreateInvitation) -> Result<Invitation, Error> {
        until_committed(|| self.try_create(&command)).await
    }

    async fn try_create(&self, command: &CreateInvitation) -> Result<Option<Invitation>, Error> {
        let CreateInvitation { actor, project_id, email, role, origin } = command;
        let project = find(&*self.projects, *project_id, actor, ProjectAction::Manage).await?.project;
        refuse_inbox(&*self.projects, &project).await?;
        let now = self.clock.now();
        let mut invitation = NewInvitation {
            project_id: project.id,
            email: email.clone(),
            role: *role,
            invited_by: actor.id,
            created_at: now,
            quota: MAX_INVITATIONS,
            audit: None,
        };
        let line = AuditEntry::new(now, Some(actor.id), AuditAction::InvitationCreated, origin.clone())
            .with_object(AuditObject::Project(project.id))
            .with_changes(AuditChanges::of_new_invitation(&invitation));
        invitation.audit = Some(line);
        within_quota(self.invitations.create(invitation).await, QuotaKind::Invitations, MAX_INVITATIONS)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        fixtures::{
            ADMIN, ASSIGNEE, COMMENTER, EDITOR, OWNER, STRANGER, VIEWER, conflict, email, now, origin, project, run,
            view,
        },
        invitation::fixtures::{finding, invitation, new_invitation},
    };
    use fasttrack_domain::{
        membership::SharingConflict,
        ports::{constraint, invitation::MockInvitationRepository, project::MockProjectRepository},
    };
    use std::sync::Arc;

    fn invite(
        actor: Actor,
        projects: MockProjectRepository,
        invitations: MockInvitationRepository,
    ) -> Result<Invitation, Error> {
        let (projects, invitations) = (Arc::new(projects), Arc::new(invitations));
        let invite = Invitations { invitations, projects, ..Invitations::mocked() };
        run(invite.create(CreateInvitation {
            actor,
            project_id: project().id,
            email: email(),
            role: GrantedRole::Commenter,
            origin: origin(),
        }))
    }

    #[test]
    fn owner_and_admin_invite_an_address() {
        for actor in [OWNER, ADMIN] {
            let line = AuditEntry::new(now(), Some(actor.id), AuditAction::InvitationCreated, origin())
                .with_object(AuditObject::Project(project().id))
                .with_changes(AuditChanges::default().set("role", "commenter"));
            let expected = NewInvitation { invited_by: actor.id, audit: Some(line), ..new_invitation() };
            let mut invitations = MockInvitationRepository::new();
            invitations
                .expect_create()
                .times(1)
                .withf(move |new| *new == expected)
                .return_once(|new| Ok(new.stored(invitation().id)));
            assert_eq!(invite(actor, finding(Some(project())), invitations).unwrap(), invitation());
        }
    }

    #[test]
    fn nobody_else_invites() {
        for actor in [ASSIGNEE, STRANGER, VIEWER, COMMENTER, EDITOR] {
            let missing = invite(actor.clone(), finding(None), MockInvitationRepository::new());
            assert!(matches!(missing, Err(Error::NotFound("project"))));
            let refused = invite(actor, finding(Some(project())), MockInvitationRepository::new());
            assert!(matches!(refused, Err(Error::Forbidden(_))));
        }
    }

    #[test]
    fn nobody_is_invited_to_an_inbox() {
        let mut projects = MockProjectRepository::new();
        projects.expect_find().return_once(|_, reader| Ok(Some(view(reader))));
        projects
            .expect_find_inbox()
            .times(1)
            .withf(|owner| *owner == OWNER.id)
            .return_once(|owner| Ok(Some(view(owner))));
        let refused = invite(OWNER, projects, MockInvitationRepository::new());
        assert!(matches!(refused, Err(Error::Sharing(SharingConflict::Inbox))));
    }

    #[test]
    fn invitation_beyond_the_quota_is_refused() {
        let mut invitations = MockInvitationRepository::new();
        invitations.expect_create().times(1).return_once(|_| Err(conflict(constraint::QUOTA)));
        let refused = invite(OWNER, finding(Some(project())), invitations);
        assert!(matches!(refused, Err(Error::QuotaExceeded(error)) if error.limit == 100));
    }

    #[test]
    fn project_that_vanishes_before_the_commit_is_not_found() {
        let mut projects = finding(Some(project()));
        projects.expect_find().times(1).return_once(|_, _| Ok(None));
        let mut invitations = MockInvitationRepository::new();
        invitations.expect_create().times(1).return_once(|_| Err(conflict(constraint::REFERENCE)));
        assert!(matches!(invite(OWNER, projects, invitations), Err(Error::NotFound("project"))));
    }
}
