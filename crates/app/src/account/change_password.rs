use super::Accounts;
use crate::{Error, retry::until_committed};
use fasttrack_domain::{
    id::{SessionId, UserId},
    password::{Password, PasswordAttempt, PasswordChange},
    token::TokenError,
};

#[derive(Clone, Debug)]
pub struct ChangePassword {
    pub user_id: UserId,
    /// The session that is kept.
    pub session_id: Option<SessionId>,
    pub current: PasswordAttempt,
    pub new: Password,
}

impl Accounts {
    // @spec SPEC-013
    // @norm NORM-SEC-001
    /// Replaces a password, and ends every session but the one in which that is done.
    ///
    /// [`Error::InvalidCredentials`] for a wrong current password, and for any where the account has none. Of changes that
    /// overlap one is committed; for the others the current password is then wrong. [`Error::Token`] where the account is gone.
    #[tracing::instrument(name = "auth.change_password", skip_all)]
    pub async fn change_password(&self, command: ChangePassword) -> Result<(), Error> {
        until_committed(|| self.try_change_password(&command)).await
    }

    async fn try_change_password(&self, command: &ChangePassword) -> Result<Option<()>, Error> {
        let found = self.users.credentials(command.user_id).await?.ok_or(TokenError::Revoked)?;
        let usable = found.usable_password(self.policy.external_users_may_set_password);
        let hash = usable.filter(|_| found.user.is_active).cloned();
        let proven = self.hasher.verify(command.current.clone(), hash.clone()).await?;
        let proven_by = hash.filter(|_| proven).ok_or(Error::InvalidCredentials)?;
        let password = self.hasher.hash(command.new.clone()).await?;
        let at = self.clock.now();
        let change = PasswordChange { user_id: command.user_id, proven_by, password, kept: command.session_id, at };
        let Some(revocations) = self.users.change_password(change).await? else { return Ok(None) };
        for revocation in &revocations {
            self.blocklist.block(revocation);
        }
        Ok(Some(()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixtures::{OWNER, now, parsed, run, unavailable, user};
    use fasttrack_domain::{
        password::PasswordHash,
        ports::{RepositoryError, password::MockPasswordHasher, revocation::MockBlocklist, user::MockUserRepository},
        revocation::Revocation,
        user::{Credentials, User},
    };
    use mockall::Sequence;
    use std::sync::Arc;

    const CURRENT: SessionId = SessionId::new(8);

    fn hash(of: &str) -> PasswordHash {
        PasswordHash::new(of.to_owned())
    }

    /// Expects one load of the account for each of `looks`, in their order.
    fn found(looks: Vec<(User, Option<PasswordHash>)>) -> MockUserRepository {
        let mut users = MockUserRepository::new();
        for (user, password_hash) in looks {
            users
                .expect_credentials()
                .times(1)
                .withf(|id| *id == OWNER.id)
                .return_once(|_| Ok(Some(Credentials { user, password_hash })));
        }
        users
    }

    /// Accepts `sesame` for the hash `old`, and makes the hash `new` of `sesame-open`.
    fn hasher(comparisons: usize, made: usize) -> MockPasswordHasher {
        let mut hasher = MockPasswordHasher::new();
        hasher
            .expect_verify()
            .times(comparisons)
            .returning(|attempt, of| Ok(attempt.expose() == "sesame" && of == Some(hash("old"))));
        hasher
            .expect_hash()
            .times(made)
            .withf(|password| password.expose() == "sesame-open")
            .returning(|_| Ok(hash("new")));
        hasher
    }

    fn change(users: MockUserRepository, hasher: MockPasswordHasher, blocklist: MockBlocklist) -> Result<(), Error> {
        let (users, hasher, blocklist) = (Arc::new(users), Arc::new(hasher), Arc::new(blocklist));
        let change = Accounts { users, hasher, blocklist, ..Accounts::mocked() };
        run(change.change_password(ChangePassword {
            user_id: OWNER.id,
            session_id: Some(CURRENT),
            current: PasswordAttempt::new("sesame".to_owned()),
            new: parsed("sesame-open"),
        }))
    }

    fn committing(
        users: &mut MockUserRepository,
        order: &mut Sequence,
        answer: Result<Option<Vec<Revocation>>, RepositoryError>,
    ) {
        let expected = PasswordChange {
            user_id: OWNER.id,
            proven_by: hash("old"),
            password: hash("new"),
            kept: Some(CURRENT),
            at: now(),
        };
        users
            .expect_change_password()
            .times(1)
            .in_sequence(order)
            .withf(move |given| *given == expected)
            .return_once(|_| answer);
    }

    #[test]
    fn other_sessions_are_blocked_after_the_commit() {
        let mut order = Sequence::new();
        let mut users = found(vec![(user(OWNER), Some(hash("old")))]);
        let ended: Vec<_> = [3, 5].map(|id| Revocation::of_session(SessionId::new(id), now())).into();
        committing(&mut users, &mut order, Ok(Some(ended.clone())));
        let mut blocklist = MockBlocklist::new();
        for expected in ended {
            blocklist
                .expect_block()
                .times(1)
                .in_sequence(&mut order)
                .withf(move |given| *given == expected)
                .return_const(());
        }
        change(users, hasher(1, 1), blocklist).unwrap();
    }

    #[test]
    fn wrong_current_password_is_refused_after_the_same_work() {
        let inactive = User { is_active: false, ..user(OWNER) };
        for (user, stored) in [(user(OWNER), Some(hash("other"))), (user(OWNER), None), (inactive, Some(hash("old")))] {
            let result = change(found(vec![(user, stored)]), hasher(1, 0), MockBlocklist::new());
            assert!(matches!(result, Err(Error::InvalidCredentials)), "{result:?}");
        }
    }

    #[test]
    fn a_token_of_an_account_that_is_gone_is_revoked() {
        let mut users = MockUserRepository::new();
        users.expect_credentials().times(1).return_once(|_| Ok(None));
        let result = change(users, hasher(0, 0), MockBlocklist::new());
        assert!(matches!(result, Err(Error::Token(TokenError::Revoked))));
    }

    #[test]
    fn overtaken_change_needs_the_new_password() {
        let mut order = Sequence::new();
        let mut users = found(vec![(user(OWNER), Some(hash("old"))), (user(OWNER), Some(hash("newer")))]);
        committing(&mut users, &mut order, Ok(None));
        let result = change(users, hasher(2, 1), MockBlocklist::new());
        assert!(matches!(result, Err(Error::InvalidCredentials)));
    }

    #[test]
    fn nothing_is_blocked_that_was_not_committed() {
        let mut users = found(vec![(user(OWNER), Some(hash("old")))]);
        committing(&mut users, &mut Sequence::new(), Err(unavailable()));
        let result = change(users, hasher(1, 1), MockBlocklist::new());
        assert!(matches!(result, Err(Error::Unavailable { .. })));
    }
}
