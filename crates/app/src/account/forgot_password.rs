use super::Accounts;
use crate::Error;
use fasttrack_domain::email::Email;

impl Accounts {
    // @spec SPEC-013
    /// Queues a mail with a reset token. A worker looks up the account later, so that neither the answer nor its duration
    /// reveals whether there is one.
    #[tracing::instrument(name = "auth.forgot_password", skip_all)]
    pub async fn forgot_password(&self, email: Email) -> Result<(), Error> {
        Ok(self.resets.request(email, self.clock.now()).await?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixtures::{email, now, run, unavailable};
    use fasttrack_domain::ports::{RepositoryError, password_reset::MockPasswordResetRepository};
    use std::sync::Arc;

    fn forgot(answer: Result<(), RepositoryError>) -> Result<(), Error> {
        let mut resets = MockPasswordResetRepository::new();
        resets
            .expect_request()
            .times(1)
            .withf(|address, at| *address == email() && *at == now())
            .return_once(|_, _| answer);
        run(Accounts { resets: Arc::new(resets), ..Accounts::mocked() }.forgot_password(email()))
    }

    #[test]
    fn a_mail_is_promised_and_nobody_looked_up() {
        assert!(forgot(Ok(())).is_ok());
        assert!(matches!(forgot(Err(unavailable())), Err(Error::Unavailable { .. })));
    }
}
