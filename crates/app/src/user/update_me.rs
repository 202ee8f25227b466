use super::Users;
use crate::{Error, retry::until_committed};
use fasttrack_domain::{
    email::Email,
    field::Invalid,
    password::PasswordAttempt,
    patch::Set,
    policy::Actor,
    text::DisplayName,
    token::TokenError,
    user::{Credentials, User, UserPatch},
};

/// A change of the actor's own account. It has no field that would give more rights.
#[derive(Clone, Debug)]
pub struct UpdateMe {
    pub actor: Actor,
    pub display_name: Set<DisplayName>,
    pub email: Set<Email>,
    /// Required for another address where the account has a password, so that a stolen token can't take the account over.
    pub current_password: Set<PasswordAttempt>,
}

impl Users {
    // @spec SPEC-019
    /// Changes the actor's own account. [`Error::Token`] where it is gone.
    ///
    /// For another address: [`Error::Validation`] without the current password, [`Error::InvalidCredentials`] with a wrong
    /// one, [`Error::EmailTaken`].
    #[tracing::instrument(name = "user.update_me", skip_all)]
    pub async fn update_me(&self, command: UpdateMe) -> Result<User, Error> {
        until_committed(|| self.try_update_me(&command)).await
    }

    async fn try_update_me(&self, command: &UpdateMe) -> Result<Option<User>, Error> {
        let found = self.users.credentials(command.actor.id).await?.ok_or(TokenError::Revoked)?;
        let patch = UserPatch {
            email: command.email.clone(),
            keeps_proven_email: self.policy.require_verified_email,
            display_name: command.display_name.clone(),
            ..UserPatch::default()
        };
        let Some(change) = found.user.apply(patch, self.clock.now()) else { return Ok(Some(found.user)) };
        if change.changes_address {
            self.prove_owner(&found, command).await?;
            // An address that is pending takes none away yet, so that storage can't tell.
            if let Some(pending) = &change.user.pending_email {
                let holder = self.users.find_credentials(pending).await?;
                if holder.is_some_and(|holder| holder.user.id != found.user.id) {
                    return Err(Error::EmailTaken);
                }
            }
        }
        Ok(self.users.save(change, None).await?)
    }

    async fn prove_owner(&self, found: &Credentials, command: &UpdateMe) -> Result<(), Error> {
        let Some(hash) = found.usable_password(self.policy.external_users_may_set_password) else { return Ok(()) };
        let Some(attempt) = command.current_password.clone() else {
            let required = Invalid::new("required", "is required to change the email address");
            return Err(Error::Validation(vec![required.at("current_password")]));
        };
        let proven = self.hasher.verify(attempt, Some(hash.clone())).await?;
        if proven { Ok(()) } else { Err(Error::InvalidCredentials) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::AccountPolicy;
    use crate::fixtures::{OWNER, conflict, email, parsed, run, user};
    use fasttrack_domain::{
        password::PasswordHash,
        ports::{constraint, password::MockPasswordHasher, user::MockUserRepository},
    };
    use std::sync::Arc;

    const IMMEDIATE: AccountPolicy =
        AccountPolicy { require_verified_email: false, external_users_may_set_password: false };
    const PROVEN_FIRST: AccountPolicy =
        AccountPolicy { require_verified_email: true, external_users_may_set_password: false };

    fn bob() -> Email {
        Email::parse("bob@example.org").unwrap()
    }

    fn hash() -> PasswordHash {
        PasswordHash::new("hash".to_owned())
    }

    /// Accepts `sesame` as the current password.
    fn hasher() -> MockPasswordHasher {
        let mut hasher = MockPasswordHasher::new();
        hasher.expect_verify().returning(|attempt, given| {
            assert_eq!(given, Some(hash()));
            Ok(attempt.expose() == "sesame")
        });
        hasher
    }

    fn update(
        policy: AccountPolicy,
        (display_name, email): (Set<DisplayName>, Set<Email>),
        password: Option<&str>,
        users: MockUserRepository,
    ) -> Result<User, Error> {
        let update = Users { users: Arc::new(users), hasher: Arc::new(hasher()), policy, ..Users::mocked() };
        let current_password = password.map(|password| PasswordAttempt::new(password.to_owned()));
        run(update.update_me(UpdateMe { actor: OWNER, display_name, email, current_password }))
    }

    fn found_as(user: User) -> MockUserRepository {
        let mut users = MockUserRepository::new();
        users
            .expect_credentials()
            .withf(|id| *id == OWNER.id)
            .returning(move |_| Ok(Some(Credentials { user: user.clone(), password_hash: Some(hash()) })));
        users
    }

    fn found() -> MockUserRepository {
        found_as(user(OWNER))
    }

    fn saving(mut users: MockUserRepository) -> MockUserRepository {
        users.expect_save().times(1).return_once(|change, _| Ok(Some(change.user)));
        users
    }

    #[test]
    fn name_and_address_change_together_and_end_no_session() {
        let mut users = found();
        users
            .expect_save()
            .times(1)
            .withf(|change, revocation| !change.ends_sessions() && revocation.is_none())
            .return_once(|change, _| Ok(Some(change.user)));
        let saved = update(IMMEDIATE, (Some(parsed("Bob")), Some(bob())), Some("sesame"), users).unwrap();
        assert_eq!((saved.display_name, saved.email, saved.version), (parsed("Bob"), bob(), 4));
    }

    #[test]
    fn address_changes_only_with_the_current_password() {
        match update(IMMEDIATE, (None, Some(bob())), None, found()) {
            Err(Error::Validation(details)) => {
                assert_eq!((details[0].field.as_str(), details[0].code), ("current_password", "required"));
            }
            other => panic!("{other:?}"),
        }
        let wrong = update(IMMEDIATE, (None, Some(bob())), Some("guess"), found());
        assert!(matches!(wrong, Err(Error::InvalidCredentials)));
        update(IMMEDIATE, (Some(parsed("Bob")), None), None, saving(found())).unwrap();
    }

    #[test]
    fn external_account_needs_no_password_it_does_not_have() {
        let external = User { is_external: true, ..user(OWNER) };
        let saved = update(IMMEDIATE, (None, Some(bob())), None, saving(found_as(external.clone()))).unwrap();
        assert_eq!(saved.email, bob());
        let allowed = AccountPolicy { external_users_may_set_password: true, ..IMMEDIATE };
        let result = update(allowed, (None, Some(bob())), None, found_as(external));
        assert!(matches!(result, Err(Error::Validation(_))));
    }

    #[test]
    fn proven_address_stays_where_proof_is_required() {
        let mut users = saving(found());
        users.expect_find_credentials().times(1).withf(|asked| *asked == bob()).return_once(|_| Ok(None));
        let saved = update(PROVEN_FIRST, (None, Some(bob())), Some("sesame"), users).unwrap();
        assert_eq!((saved.email, saved.pending_email), (email(), Some(bob())));

        let mut users = found();
        let other = User { id: fasttrack_domain::id::UserId::new(99), ..user(OWNER) };
        users.expect_find_credentials().return_once(|_| Ok(Some(Credentials { user: other, password_hash: None })));
        let result = update(PROVEN_FIRST, (None, Some(bob())), Some("sesame"), users);
        assert!(matches!(result, Err(Error::EmailTaken)));
    }

    #[test]
    fn a_patch_that_changes_nothing_commits_nothing() {
        assert_eq!(update(IMMEDIATE, (None, Some(email())), None, found()).unwrap(), user(OWNER));
    }

    #[test]
    fn a_taken_email_shows_at_the_commit() {
        let mut users = found();
        users.expect_save().return_once(|_, _| Err(conflict(constraint::USER_EMAIL)));
        let result = update(IMMEDIATE, (None, Some(bob())), Some("sesame"), users);
        assert!(matches!(result, Err(Error::EmailTaken)));
    }

    #[test]
    fn a_lost_race_is_decided_again() {
        let mut users = found();
        users.expect_save().times(1).return_once(|_, _| Ok(None));
        users.expect_save().times(1).return_once(|change, _| Ok(Some(change.user)));
        let saved = update(IMMEDIATE, (Some(parsed("Bob")), None), None, users).unwrap();
        assert_eq!(saved.display_name, parsed("Bob"));
    }
}
