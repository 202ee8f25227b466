use super::Invitations;
use crate::Error;
use fasttrack_domain::{
    id::ProjectId,
    invitation::Invitation,
    page::{Page, PageRequest},
    policy::{Action, Actor, ProjectAction},
};

#[derive(Clone, Debug)]
pub struct ListInvitations {
    pub actor: Actor,
    pub project_id: ProjectId,
    pub page: PageRequest,
}

impl Invitations {
    /// The open invitations of a project. [`Error::NotFound`], [`Error::Forbidden`].
    #[tracing::instrument(name = "invitation.list", skip_all)]
    pub async fn list(&self, command: ListInvitations) -> Result<Page<Invitation>, Error> {
        let ListInvitations { actor, project_id, page } = command;
        let found = self.invitations.list(project_id, actor.id, self.clock.now(), page).await?;
        let found = found.ok_or(Error::NotFound("project"))?;
        let membership = found.membership;
        actor.authorize(Action::InProject { project: project_id, action: ProjectAction::Manage, membership })?;
        Ok(found.page)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        fixtures::{ADMIN, COMMENTER, EDITOR, OWNER, STRANGER, VIEWER, membership, now, project, run},
        invitation::fixtures::invitation,
    };
    use fasttrack_domain::ports::invitation::{MockInvitationRepository, ProjectInvitations};
    use std::sync::Arc;

    fn list(actor: Actor, project_id: ProjectId) -> Result<Page<Invitation>, Error> {
        let page = PageRequest::default();
        let mut invitations = MockInvitationRepository::new();
        invitations.expect_list().times(1).withf(move |_, _, at, asked| *at == now() && *asked == page).returning(
            |id, reader, _, _| {
                let page = Page { items: vec![invitation()], next: None };
                Ok((id == project().id).then_some(ProjectInvitations { membership: membership(reader), page }))
            },
        );
        let list = Invitations { invitations: Arc::new(invitations), ..Invitations::mocked() };
        run(list.list(ListInvitations { actor, project_id, page }))
    }

    #[test]
    fn owner_and_admin_list_the_open_invitations() {
        for actor in [OWNER, ADMIN] {
            assert_eq!(list(actor, project().id).unwrap().items, [invitation()]);
        }
    }

    #[test]
    fn others_are_refused_what_exists_and_do_not_find_what_does_not() {
        for actor in [STRANGER, VIEWER, COMMENTER, EDITOR] {
            assert!(matches!(list(actor.clone(), project().id), Err(Error::Forbidden(_))));
            assert!(matches!(list(actor, ProjectId::new(404)), Err(Error::NotFound("project"))));
        }
    }
}
