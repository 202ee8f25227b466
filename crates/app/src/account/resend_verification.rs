use super::Accounts;
use crate::Error;
use fasttrack_domain::{id::UserId, token::TokenError};

impl Accounts {
    // @spec SPEC-019
    /// Queues another verification mail; does nothing where every address is proven.
    ///
    /// [`Error::Token`] where the account is gone. Whether the user got too many mails is checked when the mail is sent.
    #[tracing::instrument(name = "auth.resend_verification", skip_all)]
    pub async fn resend_verification(&self, user_id: UserId) -> Result<(), Error> {
        let user = self.users.find(user_id).await?.ok_or(TokenError::Revoked)?;
        if user.unproven_email().is_some() {
            self.verifications.request(user_id, self.clock.now()).await?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixtures::{OWNER, email, now, run, user};
    use fasttrack_domain::{
        ports::{email_verification::MockEmailVerificationRepository, user::MockUserRepository},
        user::User,
    };
    use std::sync::Arc;

    #[test]
    fn mail_is_sent_only_where_an_address_is_unproven() {
        let unproven = User { email_verified: false, ..user(OWNER) };
        let pending = User { pending_email: Some(email()), ..user(OWNER) };
        for (found, times) in [(user(OWNER), 0), (unproven, 1), (pending, 1)] {
            let mut users = MockUserRepository::new();
            users.expect_find().withf(|id| *id == OWNER.id).return_once(|_| Ok(Some(found)));
            let mut verifications = MockEmailVerificationRepository::new();
            verifications
                .expect_request()
                .times(times)
                .withf(|id, at| *id == OWNER.id && *at == now())
                .returning(|_, _| Ok(()));
            let resend =
                Accounts { users: Arc::new(users), verifications: Arc::new(verifications), ..Accounts::mocked() };
            run(resend.resend_verification(OWNER.id)).unwrap();
        }
    }
}
