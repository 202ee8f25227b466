use super::Users;
use crate::Error;
use fasttrack_domain::{
    audit::{AuditAction, AuditEntry, AuditObject, Origin},
    email::Email,
    password::Password,
    revocation::RevokingAct,
    user::User,
};

#[derive(Clone, Debug)]
pub struct SetPassword {
    pub email: Email,
    pub password: Password,
}

impl Users {
    /// Replaces a password and ends every session of its user, for an operator: no permission is checked.
    ///
    /// [`Error::NotFound`], [`Error::PasswordNotAllowed`].
    #[tracing::instrument(name = "user.set_password", skip_all)]
    pub async fn set_password(&self, command: SetPassword) -> Result<User, Error> {
        let found = self.users.find_credentials(&command.email).await?.ok_or(Error::NotFound("user"))?;
        if !found.user.may_have_password(self.policy.external_users_may_set_password) {
            return Err(Error::PasswordNotAllowed);
        }
        let hash = self.hasher.hash(command.password).await?;
        let now = self.clock.now();
        let line = AuditEntry::new(now, None, AuditAction::PasswordSet, Origin::default())
            .with_object(AuditObject::User(found.user.id));
        let reset = self.users.reset_password(found.user.id, hash, now, Some(line)).await?;
        let user = reset.ok_or(Error::NotFound("user"))?;
        self.blocklist.block(&RevokingAct::PasswordSet(user.epoch()).revocation(now));
        Ok(user)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixtures::{OWNER, email, now, parsed, run, user};
    use fasttrack_domain::{
        password::PasswordHash,
        ports::{password::MockPasswordHasher, revocation::MockBlocklist, user::MockUserRepository},
        revocation::Revocation,
        user::Credentials,
    };
    use mockall::Sequence;
    use std::sync::Arc;

    fn found() -> MockUserRepository {
        let mut users = MockUserRepository::new();
        users
            .expect_find_credentials()
            .withf(|asked| *asked == email())
            .return_once(|_| Ok(Some(Credentials { user: user(OWNER), password_hash: None })));
        users
    }

    fn hasher() -> MockPasswordHasher {
        let mut hasher = MockPasswordHasher::new();
        hasher.expect_hash().return_once(|_| Ok(PasswordHash::new("hash".to_owned())));
        hasher
    }

    fn set_password(
        users: MockUserRepository,
        hasher: MockPasswordHasher,
        blocklist: MockBlocklist,
    ) -> Result<User, Error> {
        let (users, hasher, blocklist) = (Arc::new(users), Arc::new(hasher), Arc::new(blocklist));
        let set = Users { users, hasher, blocklist, ..Users::mocked() };
        run(set.set_password(SetPassword { email: email(), password: parsed("sesame-open") }))
    }

    #[test]
    fn older_epochs_are_blocked_after_the_commit() {
        let mut order = Sequence::new();
        let mut users = found();
        users
            .expect_reset_password()
            .times(1)
            .in_sequence(&mut order)
            .withf(|id, hash, at, line| {
                let expected = AuditEntry::new(now(), None, AuditAction::PasswordSet, Origin::default());
                (*id, *at) == (OWNER.id, now())
                    && hash.expose() == "hash"
                    && *line == Some(expected.with_object(AuditObject::User(OWNER.id)))
            })
            .return_once(|_, _, _, _| Ok(Some(User { token_epoch: 6, ..user(OWNER) })));
        let mut blocklist = MockBlocklist::new();
        let expected = Revocation::of_user(OWNER.id, 6, now());
        blocklist
            .expect_block()
            .times(1)
            .in_sequence(&mut order)
            .withf(move |given| *given == expected)
            .return_const(());
        assert_eq!(set_password(users, hasher(), blocklist).unwrap().token_epoch, 6);
    }

    #[test]
    fn external_account_gets_no_password_unless_allowed() {
        let mut users = MockUserRepository::new();
        users.expect_find_credentials().return_once(|_| {
            Ok(Some(Credentials { user: User { is_external: true, ..user(OWNER) }, password_hash: None }))
        });
        let result = set_password(users, MockPasswordHasher::new(), MockBlocklist::new());
        assert!(matches!(result, Err(Error::PasswordNotAllowed)));
    }

    #[test]
    fn nobody_is_hashed_for_who_does_not_exist() {
        let mut users = MockUserRepository::new();
        users.expect_find_credentials().return_once(|_| Ok(None));
        let result = set_password(users, MockPasswordHasher::new(), MockBlocklist::new());
        assert!(matches!(result, Err(Error::NotFound("user"))));
    }

    #[test]
    fn an_account_that_vanishes_meanwhile_is_not_found() {
        let mut users = found();
        users.expect_reset_password().return_once(|_, _, _, _| Ok(None));
        let result = set_password(users, hasher(), MockBlocklist::new());
        assert!(matches!(result, Err(Error::NotFound("user"))));
    }
}
