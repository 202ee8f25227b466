use super::Users;
use crate::{
    Error,
    erasure::{PORTIONS_OF_REQUEST, do_portions},
    retry::until_committed,
};
use fasttrack_domain::{audit::Origin, email::Email, erasure::Erasure, id::UserId};

/// Erases the account with an address, as the command line does.
#[derive(Clone, Debug)]
pub struct EraseAccount {
    pub email: Email,
    /// The address of the active user who gets the projects, memberships and assigned tasks.
    pub reassign_to: Option<Email>,
}

impl Users {
    /// Erases an account completely, for an operator: no permission is checked. Returns its id. After an error that came
    /// behind the beginning, the job of the erasure continues it.
    ///
    /// [`Error::NotFound`] of either user, [`Error::SharedProjects`], [`Error::LastActiveAdmin`].
    #[tracing::instrument(name = "user.erase_account", skip_all)]
    pub async fn erase_account(&self, command: EraseAccount) -> Result<UserId, Error> {
        let erasure = until_committed(|| self.try_erase_account(&command)).await?;
        while !do_portions(&*self.erasures, &erasure, PORTIONS_OF_REQUEST).await? {}
        Ok(erasure.user_id)
    }

    async fn try_erase_account(&self, command: &EraseAccount) -> Result<Option<Erasure>, Error> {
        let user = self.users.find_credentials(&command.email).await?.ok_or(Error::NotFound("user"))?.user;
        let reassign_to = match &command.reassign_to {
            Some(email) => {
                let found = self.users.find_credentials(email).await?.map(|found| found.user);
                let receiver = found.filter(|found| found.is_active && found.id != user.id);
                Some(receiver.ok_or(Error::NotFound("active user to reassign to"))?.id)
            }
            None => None,
        };
        self.begin_erasure(&user, reassign_to, None, Origin::default()).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixtures::{OWNER, STRANGER, email, run, unavailable, user};
    use fasttrack_domain::{
        ports::{
            erasure::{Begun, MockErasureRepository},
            revocation::MockBlocklist,
            user::MockUserRepository,
        },
        revocation::UserEpoch,
        user::{Credentials, User},
    };
    use std::sync::Arc;

    fn bob() -> Email {
        Email::parse("bob@example.org").unwrap()
    }

    fn erase(
        account: Option<User>,
        receiver: Option<User>,
        reassign_to: Option<Email>,
        erasures: MockErasureRepository,
    ) -> Result<UserId, Error> {
        let mut users = MockUserRepository::new();
        users.expect_find_credentials().returning(move |asked| {
            let found = if *asked == email() { account.clone() } else { receiver.clone() };
            Ok(found.map(|user| Credentials { user, password_hash: None }))
        });
        let mut blocklist = MockBlocklist::new();
        blocklist.expect_block().return_const(());
        let (users, erasures, blocklist) = (Arc::new(users), Arc::new(erasures), Arc::new(blocklist));
        let erase = Users { users, erasures, blocklist, ..Users::mocked() };
        run(erase.erase_account(EraseAccount { email: email(), reassign_to }))
    }

    fn beginning(reassign_to: Option<UserId>) -> MockErasureRepository {
        let mut erasures = MockErasureRepository::new();
        erasures
            .expect_begin()
            .times(1)
            .withf(move |new| new.erasure.reassign_to == reassign_to && new.audit.is_some())
            .return_once(|_| Ok(Begun::Erased(UserEpoch { id: OWNER.id, epoch: 6 })));
        erasures
    }

    #[test]
    fn an_account_is_erased_to_the_end() {
        for (reassign_to, id) in [(None, None), (Some(bob()), Some(STRANGER.id))] {
            let mut erasures = beginning(id);
            let mut left = 50;
            erasures.expect_step().times(50).returning(move |_| {
                left -= 1;
                Ok(left == 0)
            });
            let erased = erase(Some(user(OWNER)), Some(user(STRANGER)), reassign_to, erasures);
            assert_eq!(erased.unwrap(), OWNER.id);
        }
    }

    #[test]
    fn both_users_have_to_exist() {
        let missing = erase(None, None, None, MockErasureRepository::new());
        assert!(matches!(missing, Err(Error::NotFound("user"))));
        let inactive = User { is_active: false, ..user(STRANGER) };
        for receiver in [None, Some(inactive), Some(user(OWNER))] {
            let missing = erase(Some(user(OWNER)), receiver, Some(bob()), MockErasureRepository::new());
            assert!(matches!(missing, Err(Error::NotFound("active user to reassign to"))));
        }
    }

    #[test]
    fn an_erasure_that_is_interrupted_is_an_error() {
        let mut erasures = beginning(None);
        erasures.expect_step().times(1).returning(|_| Err(unavailable()));
        let result = erase(Some(user(OWNER)), None, None, erasures);
        assert!(matches!(result, Err(Error::Unavailable { .. })));
    }
}
