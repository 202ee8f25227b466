use super::Users;
use crate::{Error, retry::until_committed};
use fasttrack_domain::{
    audit::{AuditAction, AuditChanges, AuditEntry, AuditObject, Origin},
    id::UserId,
    policy::{Action, Actor},
    user::{User, UserPatch},
};

#[derive(Clone, Debug)]
pub struct UpdateUser {
    pub actor: Actor,
    pub id: UserId,
    pub patch: UserPatch,
    pub origin: Origin,
}

impl Users {
    // @spec SPEC-002
    /// Changes any account. Another role ends the user's access tokens, deactivation its sessions too.
    ///
    /// [`Error::Forbidden`] to all but administrators, whether the account exists or not; [`Error::NotFound`],
    /// [`Error::EmailTaken`], [`Error::LastActiveAdmin`].
    #[tracing::instrument(name = "user.update", skip_all)]
    pub async fn update(&self, command: UpdateUser) -> Result<User, Error> {
        command.actor.authorize(Action::ManageUsers)?;
        until_committed(|| self.try_update(&command)).await
    }

    async fn try_update(&self, command: &UpdateUser) -> Result<Option<User>, Error> {
        let user = super::find(&*self.users, command.id).await?;
        let now = self.clock.now();
        let Some(mut change) = user.apply(command.patch.clone(), now) else {
            return Ok(Some(user));
        };
        let actor = Some(command.actor.id);
        let line = AuditEntry::new(now, actor, AuditAction::UserUpdated, command.origin.clone())
            .with_object(AuditObject::User(user.id))
            .with_changes(AuditChanges::of_user(&user, &change.user));
        change.audit = Some(line);
        let revocation = change.revoked_by.as_ref().map(|act| act.revocation(now));
        let saved = self.users.save(change, revocation.clone()).await?;
        if let (Some(_), Some(revocation)) = (&saved, revocation) {
            self.blocklist.block(&revocation);
        }
        Ok(saved)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixtures::{ADMIN, OWNER, conflict, now, origin, parsed, run, user};
    use fasttrack_domain::{
        ports::{constraint, revocation::MockBlocklist, user::MockUserRepository},
        revocation::Revocation,
        user::Role,
    };
    use mockall::Sequence;
    use std::sync::Arc;

    fn promotion() -> UserPatch {
        UserPatch { role: Some(Role::Admin), ..UserPatch::default() }
    }

    fn revocation(epoch: i64) -> Revocation {
        Revocation::of_user(OWNER.id, epoch, now())
    }

    fn blocking(expected: Revocation, order: &mut Sequence) -> MockBlocklist {
        let mut blocklist = MockBlocklist::new();
        blocklist.expect_block().times(1).in_sequence(order).withf(move |given| *given == expected).return_const(());
        blocklist
    }

    fn update(
        actor: Actor,
        patch: UserPatch,
        users: MockUserRepository,
        blocklist: MockBlocklist,
    ) -> Result<User, Error> {
        let update = Users { users: Arc::new(users), blocklist: Arc::new(blocklist), ..Users::mocked() };
        run(update.update(UpdateUser { actor, id: OWNER.id, patch, origin: origin() }))
    }

    #[test]
    fn nobody_but_an_admin_changes_a_role_not_even_their_own() {
        let result = update(OWNER, promotion(), MockUserRepository::new(), MockBlocklist::new());
        assert!(matches!(result, Err(Error::Forbidden(_))));
    }

    #[test]
    fn who_does_not_exist_is_not_found() {
        let mut users = MockUserRepository::new();
        users.expect_find().return_once(|_| Ok(None));
        let result = update(ADMIN, promotion(), users, MockBlocklist::new());
        assert!(matches!(result, Err(Error::NotFound("user"))));
    }

    #[test]
    fn a_patch_that_changes_nothing_commits_nothing() {
        let mut users = MockUserRepository::new();
        users.expect_find().return_once(|_| Ok(Some(user(OWNER))));
        let patch = UserPatch { role: Some(Role::User), is_active: Some(true), ..UserPatch::default() };
        assert_eq!(update(ADMIN, patch, users, MockBlocklist::new()).unwrap(), user(OWNER));
    }

    #[test]
    fn a_new_name_revokes_nothing() {
        let mut users = MockUserRepository::new();
        users.expect_find().return_once(|_| Ok(Some(user(OWNER))));
        users
            .expect_save()
            .times(1)
            .withf(|_, revocation| revocation.is_none())
            .return_once(|change, _| Ok(Some(change.user)));
        let patch = UserPatch { display_name: Some(parsed("Anna")), ..UserPatch::default() };
        assert_eq!(update(ADMIN, patch, users, MockBlocklist::new()).unwrap().display_name, parsed("Anna"));
    }

    #[test]
    fn new_role_or_deactivation_blocks_tokens_after_commit() {
        for patch in [promotion(), UserPatch { is_active: Some(false), ..UserPatch::default() }] {
            let mut order = Sequence::new();
            let mut users = MockUserRepository::new();
            users.expect_find().return_once(|_| Ok(Some(user(OWNER))));
            users
                .expect_save()
                .times(1)
                .in_sequence(&mut order)
                .withf(|change, given| change.revoked_by.is_some() && *given == Some(revocation(6)))
                .return_once(|change, _| Ok(Some(change.user)));
            let blocklist = blocking(revocation(6), &mut order);
            assert_eq!(update(ADMIN, patch, users, blocklist).unwrap().token_epoch, 6);
        }
    }

    #[test]
    fn lost_race_is_retried_and_only_the_commit_is_blocked() {
        let mut order = Sequence::new();
        let mut users = MockUserRepository::new();
        users.expect_find().times(1).return_once(|_| Ok(Some(user(OWNER))));
        users.expect_save().times(1).in_sequence(&mut order).return_once(|_, _| Ok(None));
        users.expect_find().times(1).return_once(|_| Ok(Some(User { version: 4, token_epoch: 9, ..user(OWNER) })));
        users
            .expect_save()
            .times(1)
            .in_sequence(&mut order)
            .withf(|change, given| change.based_on == 4 && *given == Some(revocation(10)))
            .return_once(|change, _| Ok(Some(change.user)));
        let blocklist = blocking(revocation(10), &mut order);
        assert!(update(ADMIN, promotion(), users, blocklist).is_ok());
    }

    #[test]
    fn the_last_active_admin_stays_and_keeps_its_tokens() {
        let mut users = MockUserRepository::new();
        users.expect_find().return_once(|_| Ok(Some(user(ADMIN))));
        users
            .expect_save()
            .withf(|change, _| change.loses_an_admin)
            .return_once(|_, _| Err(conflict(constraint::LAST_ACTIVE_ADMIN)));
        let patch = UserPatch { role: Some(Role::User), ..UserPatch::default() };
        let result = update(ADMIN, patch, users, MockBlocklist::new());
        assert!(matches!(result, Err(Error::LastActiveAdmin)));
    }

    #[test]
    fn a_change_is_committed_with_its_line() {
        let line = AuditEntry::new(now(), Some(ADMIN.id), AuditAction::UserUpdated, origin())
            .with_object(AuditObject::User(OWNER.id))
            .with_changes(AuditChanges::default().field("display_name", user(OWNER).display_name.as_str(), "Anna"));
        let mut users = MockUserRepository::new();
        users.expect_find().return_once(|_| Ok(Some(user(OWNER))));
        users
            .expect_save()
            .times(1)
            .withf(move |change, _| change.audit.as_ref() == Some(&line))
            .return_once(|change, _| Ok(Some(change.user)));
        let patch = UserPatch { display_name: Some(parsed("Anna")), ..UserPatch::default() };
        update(ADMIN, patch, users, MockBlocklist::new()).unwrap();
    }
}
