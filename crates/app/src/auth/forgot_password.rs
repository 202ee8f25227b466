//! Somebody asks for a way back into an account.

use crate::Error;
use fasttrack_domain::{
    email::Email,
    ports::{clock::Clock, password_reset::PasswordResetRepository},
};
use std::sync::Arc;

// @spec SPEC-013
/// Promises a mail with a reset token to whoever reads the address, if it is an active user's.
pub struct ForgotPassword {
    resets: Arc<dyn PasswordResetRepository>,
    clock: Arc<dyn Clock>,
}

impl ForgotPassword {
    /// Over these ports.
    pub fn new(resets: Arc<dyn PasswordResetRepository>, clock: Arc<dyn Clock>) -> Self {
        Self { resets, clock }
    }

    /// Does the same for every address. Whose it is the worker finds out later: neither the answer nor the time that it
    /// takes tells anybody.
    #[tracing::instrument(name = "auth.forgot_password", skip_all)]
    pub async fn execute(&self, email: Email) -> Result<(), Error> {
        Ok(self.resets.request(email, self.clock.now()).await?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixtures::{clock, email, now, run, unavailable};
    use fasttrack_domain::ports::{RepositoryError, password_reset::MockPasswordResetRepository};

    fn forgot(answer: Result<(), RepositoryError>) -> Result<(), Error> {
        let mut resets = MockPasswordResetRepository::new();
        resets
            .expect_request()
            .times(1)
            .withf(|address, at| *address == email() && *at == now())
            .return_once(|_, _| answer);
        run(ForgotPassword::new(Arc::new(resets), clock()).execute(email()))
    }

    #[test]
    fn a_mail_is_promised_and_nobody_looked_up() {
        assert!(forgot(Ok(())).is_ok());
        assert!(matches!(forgot(Err(unavailable())), Err(Error::Unavailable { .. })));
    }
}
