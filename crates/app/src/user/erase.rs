use super::Users;
use crate::{Error, erasure, retry::until_committed};
use fasttrack_domain::{
    audit::{AuditAction, AuditChanges, AuditEntry, Origin},
    erasure::Erasure,
    field::Invalid,
    id::UserId,
    policy::{Action, Actor},
    user::User,
};

#[derive(Clone, Debug)]
pub struct EraseUser {
    pub actor: Actor,
    pub id: UserId,
    /// The active user who gets the projects, memberships and assigned tasks.
    pub reassign_to: Option<UserId>,
    pub origin: Origin,
}

impl Users {
    // @spec SPEC-021
    /// Erases any account, for an administrator. The account is unusable from then on.
    ///
    /// [`Error::Forbidden`] to all but administrators, whether the account exists or not; [`Error::NotFound`];
    /// [`Error::Validation`] (`unknown_user` on `query.reassign_to`); [`Error::SharedProjects`] where nobody gets its
    /// projects and they have other members; [`Error::LastActiveAdmin`].
    #[tracing::instrument(name = "user.erase", skip_all)]
    pub async fn erase(&self, command: EraseUser) -> Result<(), Error> {
        command.actor.authorize(Action::ManageUsers)?;
        let erasure = until_committed(|| self.try_erase(&command)).await?;
        erasure::do_first_portions(&*self.erasures, &erasure).await;
        Ok(())
    }

    async fn try_erase(&self, command: &EraseUser) -> Result<Option<Erasure>, Error> {
        let user = super::find(&*self.users, command.id).await?;
        if let Some(receiver) = command.reassign_to {
            let found = self.users.find(receiver).await?.filter(|found| found.is_active && found.id != user.id);
            if found.is_none() {
                let unknown = Invalid::new("unknown_user", "must be the id of another active user");
                return Err(Error::Validation(vec![unknown.at("query.reassign_to")]));
            }
        }
        self.begin_erasure(&user, command.reassign_to, Some(command.actor.id), command.origin.clone()).await
    }

    /// `Ok(None)` where the account has changed, or the one of `reassign_to`.
    pub(super) async fn begin_erasure(
        &self,
        user: &User,
        reassign_to: Option<UserId>,
        actor_id: Option<UserId>,
        origin: Origin,
    ) -> Result<Option<Erasure>, Error> {
        let now = self.clock.now();
        let changes = AuditChanges::default().set("reassign_to", reassign_to.map(UserId::get));
        let line = AuditEntry::new(now, actor_id, AuditAction::UserErased, origin).with_changes(changes);
        erasure::begin(&*self.erasures, &*self.blocklist, user.erase(reassign_to, now), line).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixtures::{ADMIN, OWNER, OWNER_ID, STRANGER, now, origin, run, user};
    use fasttrack_domain::{
        audit::AuditObject,
        erasure::{NewErasure, SharedProjects},
        id::ProjectId,
        ports::{
            RepositoryError,
            erasure::{Begun, MockErasureRepository},
            revocation::MockBlocklist,
            user::MockUserRepository,
        },
        revocation::{Revocation, UserEpoch},
    };
    use std::sync::Arc;

    const EPOCH: UserEpoch = UserEpoch { id: OWNER_ID, epoch: 6 };

    /// Accounts of OWNER, STRANGER and ADMIN as they are changed by `adjust`.
    fn users(adjust: fn(User) -> Option<User>) -> MockUserRepository {
        let mut users = MockUserRepository::new();
        users.expect_find().returning(move |id| {
            let actor = [OWNER, STRANGER, ADMIN].into_iter().find(|actor| actor.id == id);
            Ok(actor.and_then(|actor| adjust(user(actor))))
        });
        users
    }

    fn erase(
        actor: Actor,
        reassign_to: Option<UserId>,
        users: MockUserRepository,
        erasures: MockErasureRepository,
    ) -> Result<(), Error> {
        let mut blocklist = MockBlocklist::new();
        let blocked = Revocation::of_user(OWNER.id, 6, now());
        blocklist.expect_block().withf(move |given| *given == blocked).return_const(());
        let (users, erasures, blocklist) = (Arc::new(users), Arc::new(erasures), Arc::new(blocklist));
        let erase = Users { users, erasures, blocklist, ..Users::mocked() };
        run(erase.erase(EraseUser { actor, id: OWNER.id, reassign_to, origin: origin() }))
    }

    fn beginning(reassign_to: Option<UserId>, answer: Result<Begun, RepositoryError>) -> MockErasureRepository {
        let changes = AuditChanges::default().set("reassign_to", reassign_to.map(UserId::get));
        let line = AuditEntry::new(now(), Some(ADMIN.id), AuditAction::UserErased, origin())
            .with_changes(changes)
            .with_object(AuditObject::User(OWNER.id));
        let expected = NewErasure { audit: Some(line), ..user(OWNER).erase(reassign_to, now()) };
        let mut erasures = MockErasureRepository::new();
        erasures.expect_begin().times(1).withf(move |new| *new == expected).return_once(|_| answer);
        erasures
    }

    #[test]
    fn admin_erases_an_account_and_names_who_gets_its_projects() {
        for reassign_to in [None, Some(STRANGER.id)] {
            let mut erasures = beginning(reassign_to, Ok(Begun::Erased(EPOCH)));
            erasures.expect_step().times(20).returning(|_| Ok(false));
            erase(ADMIN, reassign_to, users(Some), erasures).unwrap();
        }
    }

    #[test]
    fn only_an_admin_erases_others_whether_they_exist_or_not() {
        let refused = erase(STRANGER, None, MockUserRepository::new(), MockErasureRepository::new());
        assert!(matches!(refused, Err(Error::Forbidden(_))));
        let missing = erase(ADMIN, None, users(|_| None), MockErasureRepository::new());
        assert!(matches!(missing, Err(Error::NotFound("user"))));
    }

    #[test]
    fn projects_go_to_another_active_user_only() {
        let inactive_stranger = |found: User| Some(User { is_active: found.id != STRANGER.id, ..found });
        for (reassign_to, users) in
            [(UserId::new(404), users(Some)), (OWNER.id, users(Some)), (STRANGER.id, users(inactive_stranger))]
        {
            match erase(ADMIN, Some(reassign_to), users, MockErasureRepository::new()) {
                Err(Error::Validation(errors)) => {
                    assert_eq!((errors[0].field.as_str(), errors[0].code), ("query.reassign_to", "unknown_user"));
                }
                other => panic!("{other:?}"),
            }
        }
    }

    #[test]
    fn shared_projects_are_not_taken_from_others() {
        let shared = SharedProjects(vec![ProjectId::new(7)]);
        let refused = erase(ADMIN, None, users(Some), beginning(None, Ok(Begun::Shared(shared.clone()))));
        assert!(matches!(refused, Err(Error::SharedProjects(projects)) if projects == shared));
    }

    #[test]
    fn account_that_changes_meanwhile_is_looked_at_again() {
        let mut erasures = beginning(None, Ok(Begun::Outdated));
        erasures.expect_begin().times(1).return_once(|_| Ok(Begun::Erased(EPOCH)));
        erasures.expect_step().times(1).returning(|_| Ok(true));
        erase(ADMIN, None, users(Some), erasures).unwrap();
    }
}
