use super::Accounts;
use crate::Error;
use fasttrack_domain::{password::Password, password_reset::Redemption, revocation::RevokingAct, token::SecretToken};

#[derive(Clone, Debug)]
pub struct ResetPassword {
    pub token: SecretToken,
    pub password: Password,
}

impl Accounts {
    // @spec SPEC-013
    // @norm NORM-SEC-001
    /// Exchanges a reset token for a password, and ends every session of its user.
    ///
    /// [`Error::InvalidResetToken`] where the token is unknown, used or expired, or where its user is deactivated or may have
    /// no password.
    #[tracing::instrument(name = "auth.reset_password", skip_all)]
    pub async fn reset_password(&self, command: ResetPassword) -> Result<(), Error> {
        let hash = self.secrets.hash(command.token.expose());
        // A guess costs no hashing of a password.
        self.resets
            .find(hash, self.clock.now())
            .await?
            .filter(|user| user.may_have_password(self.policy.external_users_may_set_password))
            .ok_or(Error::InvalidResetToken)?;
        let password = self.hasher.hash(command.password).await?;
        let at = self.clock.now();
        let redemption = Redemption { hash, password, at };
        let user = self.resets.redeem(redemption).await?.ok_or(Error::InvalidResetToken)?;
        self.blocklist.block(&RevokingAct::PasswordReset(user.epoch()).revocation(at));
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixtures::{OWNER, now, parsed, run, unavailable, user};
    use fasttrack_domain::{
        password::PasswordHash,
        ports::{
            RepositoryError, password::MockPasswordHasher, password_reset::MockPasswordResetRepository,
            revocation::MockBlocklist, secret::MockSecretSource,
        },
        revocation::Revocation,
        ticket::SecretHash,
        user::User,
    };
    use mockall::Sequence;
    use std::sync::Arc;

    const HASH: SecretHash = SecretHash::new([7; 32]);

    fn finding(answer: Option<User>) -> MockPasswordResetRepository {
        let mut resets = MockPasswordResetRepository::new();
        resets
            .expect_find()
            .times(1)
            .withf(|hash, at| *hash == HASH && *at == now())
            .return_once(move |_, _| Ok(answer));
        resets
    }

    fn hasher() -> MockPasswordHasher {
        let mut hasher = MockPasswordHasher::new();
        hasher
            .expect_hash()
            .times(1)
            .withf(|password| password.expose() == "sesame-open")
            .return_once(|_| Ok(PasswordHash::new("new".to_owned())));
        hasher
    }

    fn redeeming(order: &mut Sequence, answer: Result<Option<User>, RepositoryError>) -> MockPasswordResetRepository {
        let mut resets = finding(Some(user(OWNER)));
        let expected = Redemption { hash: HASH, password: PasswordHash::new("new".to_owned()), at: now() };
        resets
            .expect_redeem()
            .times(1)
            .in_sequence(order)
            .withf(move |given| *given == expected)
            .return_once(|_| answer);
        resets
    }

    fn reset(
        resets: MockPasswordResetRepository,
        hasher: MockPasswordHasher,
        blocklist: MockBlocklist,
    ) -> Result<(), Error> {
        let mut secrets = MockSecretSource::new();
        secrets.expect_hash().times(1).withf(|given| given == "token").return_const(HASH);
        let (resets, hasher, blocklist) = (Arc::new(resets), Arc::new(hasher), Arc::new(blocklist));
        let secrets = Arc::new(secrets);
        let reset = Accounts { resets, hasher, secrets, blocklist, ..Accounts::mocked() };
        run(reset.reset_password(ResetPassword {
            token: SecretToken::new("token".to_owned()),
            password: parsed("sesame-open"),
        }))
    }

    #[test]
    fn older_epochs_are_blocked_after_the_reset_is_committed() {
        let mut order = Sequence::new();
        let resets = redeeming(&mut order, Ok(Some(User { token_epoch: 6, ..user(OWNER) })));
        let expected = Revocation::of_user(OWNER.id, 6, now());
        let mut blocklist = MockBlocklist::new();
        blocklist
            .expect_block()
            .times(1)
            .in_sequence(&mut order)
            .withf(move |given| *given == expected)
            .return_const(());
        reset(resets, hasher(), blocklist).unwrap();
    }

    #[test]
    fn a_token_that_is_not_good_costs_no_hashing() {
        let external = User { is_external: true, ..user(OWNER) };
        for found in [None, Some(external)] {
            let result = reset(finding(found), MockPasswordHasher::new(), MockBlocklist::new());
            assert!(matches!(result, Err(Error::InvalidResetToken)));
        }
    }

    #[test]
    fn token_spent_meanwhile_is_refused_and_blocks_nothing() {
        let result = reset(redeeming(&mut Sequence::new(), Ok(None)), hasher(), MockBlocklist::new());
        assert!(matches!(result, Err(Error::InvalidResetToken)));
        let result = reset(redeeming(&mut Sequence::new(), Err(unavailable())), hasher(), MockBlocklist::new());
        assert!(matches!(result, Err(Error::Unavailable { .. })));
    }
}
