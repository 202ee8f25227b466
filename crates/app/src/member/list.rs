use super::Members;
use crate::Error;
use fasttrack_domain::{
    id::ProjectId,
    membership::Member,
    page::{Page, PageRequest},
    policy::{Action, Actor, ProjectAction},
};

#[derive(Clone, Debug)]
pub struct ListMembers {
    pub actor: Actor,
    pub project_id: ProjectId,
    pub page: PageRequest,
}

impl Members {
    // @spec SPEC-020
    /// The members by ascending id of the user. Their addresses are for who may manage the project.
    ///
    /// [`Error::NotFound`], [`Error::Forbidden`].
    #[tracing::instrument(name = "member.list", skip_all)]
    pub async fn list(&self, command: ListMembers) -> Result<Page<Member>, Error> {
        let ListMembers { actor, project_id, page } = command;
        let found = self.members.list(project_id, actor.id, page).await?.ok_or(Error::NotFound("project"))?;
        let in_project = |action| Action::InProject { project: project_id, action, membership: found.membership };
        actor.authorize(in_project(ProjectAction::Read))?;
        if actor.can(in_project(ProjectAction::Manage)) {
            return Ok(found.page);
        }
        Ok(found.page.map(Member::without_email))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixtures::{
        ADMIN, ASSIGNEE, COMMENTER, EDITOR, OWNER, STRANGER, VIEWER, email, member, membership, project, run,
    };
    use fasttrack_domain::{
        page::Cursor,
        ports::member::{MockMemberRepository, ProjectMembers},
    };
    use std::sync::Arc;

    fn list(actor: Actor, project_id: ProjectId) -> Result<Page<Member>, Error> {
        let page = PageRequest { cursor: Some(Cursor::after(3)), ..PageRequest::default() };
        let mut members = MockMemberRepository::new();
        members.expect_list().times(1).withf(move |_, _, asked| *asked == page).returning(|id, reader, _| {
            let page = Page { items: vec![member(EDITOR)], next: Some(Cursor::after(5)) };
            Ok((id == project().id).then_some(ProjectMembers { membership: membership(reader), page }))
        });
        run(Members { members: Arc::new(members), ..Members::mocked() }.list(ListMembers { actor, project_id, page }))
    }

    #[test]
    fn members_are_listed_and_addresses_for_who_manages_them() {
        for (actor, address) in
            [(OWNER, Some(email())), (ADMIN, Some(email())), (EDITOR, None), (COMMENTER, None), (VIEWER, None)]
        {
            let page = list(actor, project().id).unwrap();
            assert_eq!(page.items, [Member { email: address, ..member(EDITOR) }]);
            assert_eq!(page.next, Some(Cursor::after(5)));
        }
    }

    #[test]
    fn others_are_refused_what_exists_and_do_not_find_what_does_not() {
        for actor in [ASSIGNEE, STRANGER] {
            assert!(matches!(list(actor.clone(), project().id), Err(Error::Forbidden(_))));
            assert!(matches!(list(actor, ProjectId::new(404)), Err(Error::NotFound("project"))));
        }
    }
}
