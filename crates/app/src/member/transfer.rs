use super::Members;
use crate::{
    Error,
    project::find,
    retry::{until_committed, within_quota},
};
use fasttrack_domain::{
    audit::{AuditAction, AuditChanges, AuditEntry, AuditObject, Origin},
    field::Invalid,
    id::{ProjectId, UserId},
    membership::MemberRole,
    policy::{Actor, ProjectAction},
    project::ProjectView,
    quota::QuotaKind,
};

#[derive(Clone, Debug)]
pub struct TransferProject {
    pub actor: Actor,
    pub project_id: ProjectId,
    /// The member who becomes the owner.
    pub user_id: UserId,
    pub origin: Origin,
}

impl Members {
    // @spec SPEC-020
    /// Gives a project to another member. The former owner becomes an editor. Returns the project with the role that the
    /// actor has then.
    ///
    /// [`Error::NotFound`], [`Error::Forbidden`]; [`Error::Validation`] on `user_id`: `not_a_member`, or `unknown_user` for
    /// one who isn't active; [`Error::Sharing`] for the owner; [`Error::QuotaExceeded`] where the user has too many
    /// projects.
    #[tracing::instrument(name = "project.transfer", skip_all)]
    pub async fn transfer(&self, command: TransferProject) -> Result<ProjectView, Error> {
        until_committed(|| self.try_transfer(&command)).await
    }

    async fn try_transfer(&self, command: &TransferProject) -> Result<Option<ProjectView>, Error> {
        let TransferProject { actor, project_id, user_id, origin } = command;
        let found = find(&*self.projects, *project_id, actor, ProjectAction::Manage).await?;
        self.check_next_owner(*project_id, *user_id).await?;
        let now = self.clock.now();
        let mut transfer = found.project.transfer(*user_id, self.project_quota, now)?;
        let line = AuditEntry::new(now, Some(actor.id), AuditAction::ProjectTransferred, origin.clone())
            .with_object(AuditObject::Project(*project_id))
            .with_changes(AuditChanges::of_project(&found.project, &transfer.project));
        transfer.audit = Some(line);
        transfer.watched_actor = found.has_webhooks.then_some(actor.id);
        let former_owner = transfer.former_owner;
        let stored = self.members.transfer(transfer).await;
        let stored = within_quota(stored, QuotaKind::Projects, self.project_quota)?.flatten();
        let membership = if actor.id == *user_id {
            Some(MemberRole::Owner)
        } else if actor.id == former_owner {
            Some(MemberRole::Editor)
        } else {
            found.membership
        };
        Ok(stored.map(|project| ProjectView { project, membership, ..found }))
    }

    /// Refuses an owner who is no member or isn't active.
    async fn check_next_owner(&self, project: ProjectId, user: UserId) -> Result<(), Error> {
        let refuse = |code: &'static str, message: &'static str| {
            Err(Error::Validation(vec![Invalid::new(code, message).at("user_id")]))
        };
        if self.members.find(project, user).await?.is_none() {
            return refuse("not_a_member", "must be the id of a member of the project");
        }
        match self.users.find(user).await? {
            Some(user) if user.is_active => Ok(()),
            _ => refuse("unknown_user", "must be the id of an active user"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        fixtures::{
            ADMIN, COMMENTER, EDITOR, OWNER, STRANGER, VIEWER, conflict, membership, now, origin, project, run,
        },
        member::fixtures::{editor, finding, members, users},
    };
    use fasttrack_domain::{
        membership::SharingConflict,
        ports::{constraint, member::MockMemberRepository, project::MockProjectRepository, user::MockUserRepository},
        project::{Project, ProjectTransfer},
        user::User,
    };
    use std::sync::Arc;

    fn transfer(
        actor: Actor,
        projects: MockProjectRepository,
        users: MockUserRepository,
        members: MockMemberRepository,
    ) -> Result<ProjectView, Error> {
        let (projects, users, members) = (Arc::new(projects), Arc::new(users), Arc::new(members));
        let transfer = Members { members, projects, users, ..Members::mocked() };
        let command = TransferProject { actor, project_id: project().id, user_id: EDITOR.id, origin: origin() };
        run(transfer.transfer(command))
    }

    /// Both looks at EDITOR.
    fn known() -> (MockUserRepository, MockMemberRepository) {
        (users([Some(editor().0)]), members([Some(editor().1)]))
    }

    #[test]
    fn owner_becomes_an_editor_and_admin_stays_what_it_was() {
        for (actor, role) in [(OWNER, Some(MemberRole::Editor)), (ADMIN, membership(ADMIN.id))] {
            let given = Project { owner_id: EDITOR.id, version: 5, updated_at: now(), ..project() };
            let line = AuditEntry::new(now(), Some(actor.id), AuditAction::ProjectTransferred, origin())
                .with_object(AuditObject::Project(project().id))
                .with_changes(AuditChanges::default().field("owner_id", OWNER.id.get(), EDITOR.id.get()));
            let expected = ProjectTransfer {
                project: given.clone(),
                based_on: 4,
                former_owner: OWNER.id,
                quota: 7,
                watched_actor: Some(actor.id),
                audit: Some(line),
            };
            let (users, mut members) = known();
            members
                .expect_transfer()
                .times(1)
                .withf(move |transfer| *transfer == expected)
                .return_once(|transfer| Ok(Some(transfer.project)));
            let shown = transfer(actor, finding([Some(project())]), users, members).unwrap();
            assert_eq!(shown, ProjectView { project: given, membership: role, has_webhooks: true });
        }
    }

    #[test]
    fn only_the_owner_and_an_admin_transfer_a_project() {
        for actor in [STRANGER, VIEWER, COMMENTER, EDITOR] {
            let (users, members) = (MockUserRepository::new(), MockMemberRepository::new());
            let missing = transfer(actor.clone(), finding([None]), users, members);
            assert!(matches!(missing, Err(Error::NotFound("project"))));
            let (users, members) = (MockUserRepository::new(), MockMemberRepository::new());
            let refused = transfer(actor, finding([Some(project())]), users, members);
            assert!(matches!(refused, Err(Error::Forbidden(_))));
        }
    }

    #[test]
    fn next_owner_is_an_active_member() {
        let inactive = User { is_active: false, ..editor().0 };
        for (users, members, code) in [
            (MockUserRepository::new(), members([None]), "not_a_member"),
            (users([Some(inactive)]), members([Some(editor().1)]), "unknown_user"),
            (users([None]), members([Some(editor().1)]), "unknown_user"),
        ] {
            match transfer(OWNER, finding([Some(project())]), users, members) {
                Err(Error::Validation(errors)) => {
                    assert_eq!((errors[0].field.as_str(), errors[0].code), ("user_id", code));
                }
                other => panic!("{other:?}"),
            }
        }
    }

    #[test]
    fn a_project_is_not_transferred_to_its_owner() {
        let owned = Project { owner_id: EDITOR.id, ..project() };
        let (users, members) = known();
        let refused = transfer(ADMIN, finding([Some(owned)]), users, members);
        assert!(matches!(refused, Err(Error::Sharing(SharingConflict::AlreadyOwner))));
    }

    #[test]
    fn of_two_transfers_the_later_finds_another_owner() {
        let owned = Project { owner_id: EDITOR.id, version: 5, ..project() };
        let users = users(vec![Some(editor().0); 2]);
        let mut members = members(vec![Some(editor().1); 2]);
        members.expect_transfer().times(1).return_once(|_| Ok(None));
        let refused = transfer(ADMIN, finding([Some(project()), Some(owned)]), users, members);
        assert!(matches!(refused, Err(Error::Sharing(SharingConflict::AlreadyOwner))));
    }

    #[test]
    fn next_owner_has_room_for_another_project() {
        let (users, mut members) = known();
        members.expect_transfer().times(1).return_once(|_| Err(conflict(constraint::QUOTA)));
        let refused = transfer(OWNER, finding([Some(project())]), users, members);
        assert!(matches!(refused, Err(Error::QuotaExceeded(error)) if error.limit == 7));
    }
}
