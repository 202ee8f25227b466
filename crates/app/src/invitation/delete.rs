use super::Invitations;
use crate::{Error, project::find};
use fasttrack_domain::{
    audit::{AuditAction, AuditChanges, AuditEntry, AuditObject, Origin},
    id::{InvitationId, ProjectId},
    policy::{Actor, ProjectAction},
};

#[derive(Clone, Debug)]
pub struct DeleteInvitation {
    pub actor: Actor,
    pub project_id: ProjectId,
    pub id: InvitationId,
    pub origin: Origin,
}

impl Invitations {
    // @spec SPEC-020
    /// Withdraws an invitation: its token is no longer valid.
    ///
    /// [`Error::NotFound`] of the project, and of an invitation that isn't open; [`Error::Forbidden`].
    #[tracing::instrument(name = "invitation.delete", skip_all)]
    pub async fn delete(&self, command: DeleteInvitation) -> Result<(), Error> {
        let DeleteInvitation { actor, project_id, id, origin } = command;
        find(&*self.projects, project_id, &actor, ProjectAction::Manage).await?;
        let now = self.clock.now();
        let line = AuditEntry::new(now, Some(actor.id), AuditAction::InvitationDeleted, origin)
            .with_object(AuditObject::Project(project_id))
            .with_changes(AuditChanges::of_deleted_invitation(id));
        let deleted = self.invitations.delete(project_id, id, now, Some(line)).await?;
        if deleted { Ok(()) } else { Err(Error::NotFound("invitation")) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        fixtures::{ADMIN, COMMENTER, EDITOR, OWNER, STRANGER, VIEWER, now, origin, project, run},
        invitation::fixtures::{finding, invitation},
    };
    use fasttrack_domain::ports::{invitation::MockInvitationRepository, project::MockProjectRepository};
    use std::sync::Arc;

    fn withdraw(
        actor: Actor,
        projects: MockProjectRepository,
        invitations: MockInvitationRepository,
    ) -> Result<(), Error> {
        let (projects, invitations) = (Arc::new(projects), Arc::new(invitations));
        let withdraw = Invitations { invitations, projects, ..Invitations::mocked() };
        let command = DeleteInvitation { actor, project_id: project().id, id: invitation().id, origin: origin() };
        run(withdraw.delete(command))
    }

    #[test]
    fn owner_and_admin_withdraw_an_invitation() {
        for (actor, is_open) in [(OWNER, true), (ADMIN, true), (OWNER, false)] {
            let line = AuditEntry::new(now(), Some(actor.id), AuditAction::InvitationDeleted, origin())
                .with_object(AuditObject::Project(project().id))
                .with_changes(AuditChanges::of_deleted_invitation(invitation().id));
            let mut invitations = MockInvitationRepository::new();
            invitations
                .expect_delete()
                .times(1)
                .withf(move |project_id, id, at, given| {
                    (*project_id, *id, *at) == (project().id, invitation().id, now()) && given.as_ref() == Some(&line)
                })
                .return_once(move |_, _, _, _| Ok(is_open));
            let result = withdraw(actor, finding(Some(project())), invitations);
            assert!(if is_open { result.is_ok() } else { matches!(result, Err(Error::NotFound("invitation"))) });
        }
    }

    #[test]
    fn nobody_else_withdraws_one() {
        for actor in [STRANGER, VIEWER, COMMENTER, EDITOR] {
            let missing = withdraw(actor.clone(), finding(None), MockInvitationRepository::new());
            assert!(matches!(missing, Err(Error::NotFound("project"))));
            let refused = withdraw(actor, finding(Some(project())), MockInvitationRepository::new());
            assert!(matches!(refused, Err(Error::Forbidden(_))));
        }
    }
}
