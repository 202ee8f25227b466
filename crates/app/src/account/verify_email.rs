use super::Accounts;
use crate::Error;
use fasttrack_domain::token::SecretToken;

impl Accounts {
    // @spec SPEC-019
    /// Exchanges a verification token for the proof of the address that it was sent to.
    ///
    /// [`Error::InvalidVerificationToken`] where the token is unknown, used or expired, or the address needs no proof any more;
    /// [`Error::EmailTaken`] where another account has the address by now.
    #[tracing::instrument(name = "auth.verify_email", skip_all)]
    pub async fn verify_email(&self, token: SecretToken) -> Result<(), Error> {
        let hash = self.secrets.hash(token.expose());
        let proven = self.verifications.redeem(hash, self.clock.now()).await?;
        proven.map(drop).ok_or(Error::InvalidVerificationToken)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixtures::{OWNER, conflict, now, run, user};
    use fasttrack_domain::{
        ports::{
            RepositoryError, constraint, email_verification::MockEmailVerificationRepository, secret::MockSecretSource,
        },
        ticket::SecretHash,
        user::User,
    };
    use std::sync::Arc;

    fn verify(redeemed: Result<Option<User>, RepositoryError>) -> Result<(), Error> {
        let hash = SecretHash::new([7; 32]);
        let mut secrets = MockSecretSource::new();
        secrets.expect_hash().times(1).withf(|given| given == "s3cret").return_once(move |_| hash);
        let mut verifications = MockEmailVerificationRepository::new();
        verifications
            .expect_redeem()
            .times(1)
            .withf(move |given, at| *given == hash && *at == now())
            .return_once(|_, _| redeemed);
        let verify =
            Accounts { verifications: Arc::new(verifications), secrets: Arc::new(secrets), ..Accounts::mocked() };
        run(verify.verify_email(SecretToken::new("s3cret".to_owned())))
    }

    #[test]
    fn good_token_proves_and_any_other_is_refused() {
        assert!(verify(Ok(Some(user(OWNER)))).is_ok());
        assert!(matches!(verify(Ok(None)), Err(Error::InvalidVerificationToken)));
        assert!(matches!(verify(Err(conflict(constraint::USER_EMAIL))), Err(Error::EmailTaken)));
    }
}
