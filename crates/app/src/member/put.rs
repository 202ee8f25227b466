use super::Members;
use crate::{
    Error,
    project::{find, refuse_inbox},
    retry::{until_committed, within_quota},
};
use fasttrack_domain::{
    audit::{AuditAction, AuditChanges, AuditEntry, AuditObject, Origin},
    id::{ProjectId, UserId},
    membership::{GrantedRole, MAX_MEMBERS, Member, MemberChange, MemberRole, SharingConflict},
    policy::{Actor, ProjectAction},
    project::ProjectView,
    quota::QuotaKind,
};

#[derive(Clone, Debug)]
pub struct PutMember {
    pub actor: Actor,
    pub project_id: ProjectId,
    /// The user who becomes a member or gets another role.
    pub user_id: UserId,
    pub role: GrantedRole,
    pub origin: Origin,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MemberPut {
    pub member: Member,
    /// Whether the user was no member before.
    pub is_new: bool,
}

impl Members {
    // @spec SPEC-020
    /// Shares a project with a user, or changes a member's role. A new member is notified.
    ///
    /// [`Error::NotFound`] of the project, and of a user who doesn't exist or isn't active; [`Error::Forbidden`];
    /// [`Error::Sharing`] for the owner and for an Inbox; [`Error::QuotaExceeded`].
    #[tracing::instrument(name = "member.put", skip_all)]
    pub async fn put(&self, command: PutMember) -> Result<MemberPut, Error> {
        until_committed(|| self.try_put(&command)).await
    }

    async fn try_put(&self, command: &PutMember) -> Result<Option<MemberPut>, Error> {
        let PutMember { actor, project_id, user_id, role, origin } = command;
        let found = find(&*self.projects, *project_id, actor, ProjectAction::Manage).await?;
        let ProjectView { project, has_webhooks, .. } = found;
        let user = self.users.find(*user_id).await?.filter(|user| user.is_active).ok_or(Error::NotFound("user"))?;
        refuse_inbox(&*self.projects, &project).await?;
        let present = self.members.find(project.id, user.id).await?;
        let (before, after) = (present.as_ref().map(|member| member.role), MemberRole::from(*role));
        if before == Some(MemberRole::Owner) {
            return Err(SharingConflict::Owner.into());
        }
        if let Some(member) = present.filter(|member| member.role == after) {
            return Ok(Some(MemberPut { member, is_new: false }));
        }
        let now = self.clock.now();
        let action = if before.is_none() { AuditAction::MemberAdded } else { AuditAction::MemberUpdated };
        let line = AuditEntry::new(now, Some(actor.id), action, origin.clone())
            .with_object(AuditObject::Project(project.id))
            .with_changes(AuditChanges::of_member(user.id, before, Some(after)));
        let change = MemberChange {
            project_id: project.id,
            project: project.name,
            user_id: user.id,
            before,
            role: *role,
            actor_id: actor.id,
            at: now,
            quota: MAX_MEMBERS,
            is_watched: has_webhooks,
            audit: Some(line),
        };
        let stored = within_quota(self.members.put(change).await, QuotaKind::Members, MAX_MEMBERS)?.flatten();
        Ok(stored.map(|member| MemberPut { member, is_new: before.is_none() }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        fixtures::{
            ADMIN, COMMENTER, EDITOR, OWNER, STRANGER, VIEWER, conflict, member, now, origin, project, run, view,
        },
        member::fixtures::{editor, finding, members, users},
    };
    use fasttrack_domain::{
        ports::{constraint, member::MockMemberRepository, project::MockProjectRepository, user::MockUserRepository},
        user::User,
    };
    use std::sync::Arc;

    fn put(
        actor: Actor,
        role: GrantedRole,
        projects: MockProjectRepository,
        users: MockUserRepository,
        members: MockMemberRepository,
    ) -> Result<MemberPut, Error> {
        let (projects, users, members) = (Arc::new(projects), Arc::new(users), Arc::new(members));
        let put = Members { members, projects, users, ..Members::mocked() };
        run(put.put(PutMember { actor, project_id: project().id, user_id: EDITOR.id, role, origin: origin() }))
    }

    fn viewer() -> Member {
        Member { role: MemberRole::Viewer, ..editor().1 }
    }

    /// The change of EDITOR's role by this actor.
    fn change(actor_id: UserId, before: Option<MemberRole>, role: GrantedRole) -> MemberChange {
        let action = if before.is_none() { AuditAction::MemberAdded } else { AuditAction::MemberUpdated };
        let line = AuditEntry::new(now(), Some(actor_id), action, origin())
            .with_object(AuditObject::Project(project().id))
            .with_changes(AuditChanges::of_member(EDITOR.id, before, Some(role.into())));
        MemberChange {
            project_id: project().id,
            project: project().name,
            user_id: EDITOR.id,
            before,
            role,
            actor_id,
            at: now(),
            quota: 500,
            is_watched: true,
            audit: Some(line),
        }
    }

    #[test]
    fn owner_and_admin_add_members_and_change_their_roles() {
        for actor in [OWNER, ADMIN] {
            for (present, role) in [(None, GrantedRole::Editor), (Some(viewer()), GrantedRole::Editor)] {
                let is_new = present.is_none();
                let expected = change(actor.id, present.as_ref().map(|member| member.role), role);
                let mut members = members([present]);
                members
                    .expect_put()
                    .times(1)
                    .withf(move |change| *change == expected)
                    .return_once(|_| Ok(Some(editor().1)));
                let users = users([Some(editor().0)]);
                let stored = put(actor.clone(), role, finding([Some(project())]), users, members).unwrap();
                assert_eq!(stored, MemberPut { member: member(EDITOR), is_new });
            }
        }
    }

    #[test]
    fn the_same_role_again_commits_nothing() {
        let (users, members) = (users([Some(editor().0)]), members([Some(editor().1)]));
        let stored = put(OWNER, GrantedRole::Editor, finding([Some(project())]), users, members).unwrap();
        assert_eq!(stored, MemberPut { member: member(EDITOR), is_new: false });
    }

    #[test]
    fn existence_then_permission_then_the_user_then_a_conflict() {
        let nobody = || (MockUserRepository::new(), MockMemberRepository::new());
        let role = GrantedRole::Viewer;
        for actor in [STRANGER, VIEWER, COMMENTER, EDITOR] {
            let (users, members) = nobody();
            let missing = put(actor.clone(), role, finding([None]), users, members);
            assert!(matches!(missing, Err(Error::NotFound("project"))));
            let (users, members) = nobody();
            let refused = put(actor, role, finding([Some(project())]), users, members);
            assert!(matches!(refused, Err(Error::Forbidden(_))));
        }
        for account in [None, Some(User { is_active: false, ..editor().0 })] {
            let (users, members) = (users([account]), MockMemberRepository::new());
            let unknown = put(OWNER, role, finding([Some(project())]), users, members);
            assert!(matches!(unknown, Err(Error::NotFound("user"))));
        }
        let owner = Member { role: MemberRole::Owner, ..editor().1 };
        let (users, members) = (users([Some(editor().0)]), members([Some(owner)]));
        let owns = put(OWNER, role, finding([Some(project())]), users, members);
        assert!(matches!(owns, Err(Error::Sharing(SharingConflict::Owner))));
    }

    #[test]
    fn an_inbox_is_not_shared() {
        let mut projects = MockProjectRepository::new();
        projects.expect_find().return_once(|_, reader| Ok(Some(view(reader))));
        projects
            .expect_find_inbox()
            .times(1)
            .withf(|owner| *owner == OWNER.id)
            .return_once(|owner| Ok(Some(view(owner))));
        let refused = put(OWNER, GrantedRole::Viewer, projects, users([Some(editor().0)]), MockMemberRepository::new());
        assert!(matches!(refused, Err(Error::Sharing(SharingConflict::Inbox))));
    }

    #[test]
    fn role_that_changes_meanwhile_is_looked_at_again() {
        let (users, mut members) = (users(vec![Some(editor().0); 2]), members([None, Some(viewer())]));
        members.expect_put().times(1).withf(|change| change.before.is_none()).return_once(|_| Ok(None));
        members
            .expect_put()
            .times(1)
            .withf(|change| change.before == Some(MemberRole::Viewer))
            .return_once(|_| Ok(Some(editor().1)));
        let projects = finding(vec![Some(project()); 2]);
        assert!(!put(OWNER, GrantedRole::Editor, projects, users, members).unwrap().is_new);
    }

    #[test]
    fn member_beyond_the_quota_is_refused() {
        let (users, mut members) = (users([Some(editor().0)]), members([None]));
        members.expect_put().times(1).return_once(|_| Err(conflict(constraint::QUOTA)));
        let refused = put(OWNER, GrantedRole::Editor, finding([Some(project())]), users, members);
        assert!(matches!(refused, Err(Error::QuotaExceeded(error)) if error.limit == 500));
    }
}
