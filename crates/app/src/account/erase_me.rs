use super::Accounts;
use crate::{Error, erasure, retry::until_committed};
use fasttrack_domain::{
    audit::{AuditAction, AuditEntry, Origin},
    erasure::Erasure,
    field::Invalid,
    id::UserId,
    password::PasswordAttempt,
    token::TokenError,
    user::Credentials,
};

#[derive(Clone, Debug)]
pub struct EraseMe {
    pub user_id: UserId,
    /// Required where the account has a password, so that a stolen token can't erase it.
    pub password: Option<PasswordAttempt>,
    pub origin: Origin,
}

impl Accounts {
    // @spec SPEC-021
    /// Erases an account for its owner. The account is unusable from then on.
    ///
    /// [`Error::Validation`] without the password, [`Error::InvalidCredentials`] with a wrong one;
    /// [`Error::SharedProjects`] where it owns projects that have other members; [`Error::LastActiveAdmin`];
    /// [`Error::Token`] where it is gone.
    #[tracing::instrument(name = "user.erase_me", skip_all)]
    pub async fn erase_me(&self, command: EraseMe) -> Result<(), Error> {
        let erasure = until_committed(|| self.try_erase_me(&command)).await?;
        erasure::do_first_portions(&*self.erasures, &erasure).await;
        Ok(())
    }

    async fn try_erase_me(&self, command: &EraseMe) -> Result<Option<Erasure>, Error> {
        let found = self.users.credentials(command.user_id).await?.ok_or(TokenError::Revoked)?;
        self.prove_owner(&found, command.password.as_ref()).await?;
        let now = self.clock.now();
        let line = AuditEntry::new(now, Some(found.user.id), AuditAction::UserErased, command.origin.clone());
        erasure::begin(&*self.erasures, &*self.blocklist, found.user.erase(None, now), line).await
    }

    async fn prove_owner(&self, found: &Credentials, password: Option<&PasswordAttempt>) -> Result<(), Error> {
        let Some(hash) = found.usable_password(self.policy.external_users_may_set_password) else { return Ok(()) };
        let Some(attempt) = password else {
            let required = Invalid::new("required", "is required to erase the account");
            return Err(Error::Validation(vec![required.at("password")]));
        };
        let proven = self.hasher.verify(attempt.clone(), Some(hash.clone())).await?;
        if proven { Ok(()) } else { Err(Error::InvalidCredentials) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixtures::{OWNER, conflict, now, origin, run, user};
    use fasttrack_domain::{
        audit::AuditObject,
        erasure::{NewErasure, SharedProjects},
        id::ProjectId,
        password::PasswordHash,
        ports::{
            RepositoryError, constraint,
            erasure::{Begun, MockErasureRepository},
            password::MockPasswordHasher,
            revocation::MockBlocklist,
            user::MockUserRepository,
        },
        revocation::{Revocation, UserEpoch},
        user::User,
    };
    use mockall::Sequence;
    use std::sync::Arc;

    fn hash() -> PasswordHash {
        PasswordHash::new("hash".to_owned())
    }

    /// Takes `sesame` for the password.
    fn hasher() -> MockPasswordHasher {
        let mut hasher = MockPasswordHasher::new();
        hasher.expect_verify().returning(|attempt, given| {
            assert_eq!(given, Some(hash()));
            Ok(attempt.expose() == "sesame")
        });
        hasher
    }

    fn erase(
        found: Option<(User, Option<PasswordHash>)>,
        password: Option<&str>,
        erasures: MockErasureRepository,
        blocklist: MockBlocklist,
    ) -> Result<(), Error> {
        let found = found.map(|(user, password_hash)| Credentials { user, password_hash });
        let mut users = MockUserRepository::new();
        users.expect_credentials().withf(|id| *id == OWNER.id).returning(move |_| Ok(found.clone()));
        let accounts = Accounts {
            users: Arc::new(users),
            hasher: Arc::new(hasher()),
            erasures: Arc::new(erasures),
            blocklist: Arc::new(blocklist),
            ..Accounts::mocked()
        };
        let password = password.map(|password| PasswordAttempt::new(password.to_owned()));
        run(accounts.erase_me(EraseMe { user_id: OWNER.id, password, origin: origin() }))
    }

    fn expected() -> NewErasure {
        let line = AuditEntry::new(now(), Some(OWNER.id), AuditAction::UserErased, origin())
            .with_object(AuditObject::User(OWNER.id));
        NewErasure { audit: Some(line), ..user(OWNER).erase(None, now()) }
    }

    fn beginning(answer: Result<Begun, RepositoryError>) -> MockErasureRepository {
        let mut erasures = MockErasureRepository::new();
        erasures.expect_begin().times(1).withf(|new| *new == expected()).return_once(|_| answer);
        erasures
    }

    #[test]
    fn tokens_are_blocked_after_the_commit_and_the_rest_is_erased() {
        let external = User { is_external: true, ..user(OWNER) };
        for (account, password) in [
            ((user(OWNER), Some(hash())), Some("sesame")),
            ((user(OWNER), None), None),
            ((external, Some(hash())), None),
        ] {
            let mut order = Sequence::new();
            let mut erasures = MockErasureRepository::new();
            let epoch = UserEpoch { id: OWNER.id, epoch: 6 };
            erasures
                .expect_begin()
                .times(1)
                .in_sequence(&mut order)
                .withf(|new| new.erasure == expected().erasure)
                .return_once(move |_| Ok(Begun::Erased(epoch)));
            let blocked = Revocation::of_user(OWNER.id, 6, now());
            let mut blocklist = MockBlocklist::new();
            blocklist
                .expect_block()
                .times(1)
                .in_sequence(&mut order)
                .withf(move |given| *given == blocked)
                .return_const(());
            erasures.expect_step().times(1).in_sequence(&mut order).returning(|_| Ok(true));
            erase(Some(account), password, erasures, blocklist).unwrap();
        }
    }

    #[test]
    fn an_account_is_erased_only_with_its_password() {
        let found = || Some((user(OWNER), Some(hash())));
        match erase(found(), None, MockErasureRepository::new(), MockBlocklist::new()) {
            Err(Error::Validation(details)) => {
                assert_eq!((details[0].field.as_str(), details[0].code), ("password", "required"));
            }
            other => panic!("{other:?}"),
        }
        let wrong = erase(found(), Some("guess"), MockErasureRepository::new(), MockBlocklist::new());
        assert!(matches!(wrong, Err(Error::InvalidCredentials)));
        let gone = erase(None, Some("sesame"), MockErasureRepository::new(), MockBlocklist::new());
        assert!(matches!(gone, Err(Error::Token(TokenError::Revoked))));
    }

    #[test]
    fn shared_projects_and_the_last_admin_stay() {
        let found = || Some((user(OWNER), Some(hash())));
        let shared = SharedProjects(vec![ProjectId::new(7)]);
        let refused =
            erase(found(), Some("sesame"), beginning(Ok(Begun::Shared(shared.clone()))), MockBlocklist::new());
        assert!(matches!(refused, Err(Error::SharedProjects(projects)) if projects == shared));
        let last = beginning(Err(conflict(constraint::LAST_ACTIVE_ADMIN)));
        let refused = erase(found(), Some("sesame"), last, MockBlocklist::new());
        assert!(matches!(refused, Err(Error::LastActiveAdmin)));
    }
}
