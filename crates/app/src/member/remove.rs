use super::Members;
use crate::{Error, retry::until_committed};
use fasttrack_domain::{
    audit::{AuditAction, AuditChanges, AuditEntry, AuditObject, Origin},
    id::{ProjectId, UserId},
    membership::{MemberRemoval, MemberRole, SharingConflict},
    policy::{Action, Actor},
};

#[derive(Clone, Debug)]
pub struct RemoveMember {
    pub actor: Actor,
    pub project_id: ProjectId,
    /// The member who is removed, or the actor who leaves.
    pub user_id: UserId,
    pub origin: Origin,
}

impl Members {
    // @spec SPEC-020
    /// Ends a membership, with the member's assignments in the project.
    ///
    /// [`Error::NotFound`] of the project and of a user who is no member; [`Error::Forbidden`]; [`Error::Sharing`] for the
    /// owner.
    #[tracing::instrument(name = "member.remove", skip_all)]
    pub async fn remove(&self, command: RemoveMember) -> Result<(), Error> {
        until_committed(|| self.try_remove(&command)).await
    }

    async fn try_remove(&self, command: &RemoveMember) -> Result<Option<()>, Error> {
        let RemoveMember { actor, project_id, user_id, origin } = command;
        let found = self.projects.find(*project_id, actor.id).await?.ok_or(Error::NotFound("project"))?;
        actor.authorize(Action::RemoveMember {
            project: *project_id,
            member: *user_id,
            membership: found.membership,
        })?;
        let member = self.members.find(*project_id, *user_id).await?.ok_or(Error::NotFound("member"))?;
        if member.role == MemberRole::Owner {
            return Err(SharingConflict::Owner.into());
        }
        let now = self.clock.now();
        let line = AuditEntry::new(now, Some(actor.id), AuditAction::MemberRemoved, origin.clone())
            .with_object(AuditObject::Project(*project_id))
            .with_changes(AuditChanges::of_member(*user_id, Some(member.role), None));
        let removal = MemberRemoval {
            project_id: *project_id,
            user_id: *user_id,
            before: member.role,
            at: now,
            watched_actor: found.has_webhooks.then_some(actor.id),
            audit: Some(line),
        };
        Ok(self.members.remove(removal).await?.then_some(()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        fixtures::{ADMIN, COMMENTER, EDITOR, OWNER, STRANGER, VIEWER, now, origin, project, run},
        member::fixtures::{editor, finding, members},
    };
    use fasttrack_domain::{
        membership::Member,
        ports::{member::MockMemberRepository, project::MockProjectRepository},
    };
    use std::sync::Arc;

    fn remove(actor: Actor, projects: MockProjectRepository, members: MockMemberRepository) -> Result<(), Error> {
        let remove = Members { projects: Arc::new(projects), members: Arc::new(members), ..Members::mocked() };
        run(remove.remove(RemoveMember { actor, project_id: project().id, user_id: EDITOR.id, origin: origin() }))
    }

    #[test]
    fn owner_and_admin_remove_a_member_and_the_member_leaves() {
        for actor in [OWNER, ADMIN, EDITOR] {
            let line = AuditEntry::new(now(), Some(actor.id), AuditAction::MemberRemoved, origin())
                .with_object(AuditObject::Project(project().id))
                .with_changes(AuditChanges::of_member(EDITOR.id, Some(MemberRole::Editor), None));
            let expected = MemberRemoval {
                project_id: project().id,
                user_id: EDITOR.id,
                before: MemberRole::Editor,
                at: now(),
                watched_actor: Some(actor.id),
                audit: Some(line),
            };
            let mut members = members([Some(editor().1)]);
            members.expect_remove().times(1).withf(move |removal| *removal == expected).return_once(|_| Ok(true));
            assert!(remove(actor, finding([Some(project())]), members).is_ok());
        }
    }

    #[test]
    fn nobody_else_ends_a_membership() {
        for actor in [STRANGER, VIEWER, COMMENTER] {
            let missing = remove(actor.clone(), finding([None]), MockMemberRepository::new());
            assert!(matches!(missing, Err(Error::NotFound("project"))));
            let refused = remove(actor, finding([Some(project())]), MockMemberRepository::new());
            assert!(matches!(refused, Err(Error::Forbidden(_))));
        }
    }

    #[test]
    fn owner_stays_and_who_is_no_member_is_not_found() {
        let owner = Member { role: MemberRole::Owner, ..editor().1 };
        let stays = remove(OWNER, finding([Some(project())]), members([Some(owner)]));
        assert!(matches!(stays, Err(Error::Sharing(SharingConflict::Owner))));
        let missing = remove(OWNER, finding([Some(project())]), members([None]));
        assert!(matches!(missing, Err(Error::NotFound("member"))));
    }

    #[test]
    fn membership_that_ends_meanwhile_is_not_found() {
        let mut members = members([Some(editor().1), None]);
        members.expect_remove().times(1).return_once(|_| Ok(false));
        let missing = remove(OWNER, finding(vec![Some(project()); 2]), members);
        assert!(matches!(missing, Err(Error::NotFound("member"))));
    }
}
