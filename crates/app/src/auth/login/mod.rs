use super::{Auth, access_grant};
use crate::{Error, retry::until_committed};
use fasttrack_domain::{
    audit::{AuditAction, AuditEntry, AuditObject, Origin},
    email::Email,
    id::UserId,
    password::{PasswordAttempt, PasswordHash},
    ports::token::TokenPair,
    session::{Client, NewSession},
};
use std::sync::OnceLock;

#[derive(Clone, Debug)]
pub struct Login {
    /// Absent where the input is no address.
    pub email: Option<Email>,
    pub password: PasswordAttempt,
    pub client: Client,
    pub origin: Origin,
}

impl Auth {
    // @spec SPEC-001
    // @norm NORM-SEC-001
    /// Opens a session and issues its first tokens.
    ///
    /// [`Error::InvalidCredentials`] for an unknown email and for a wrong password, after the same work. [`Error::AccountDisabled`]
    /// and [`Error::EmailUnverified`], with another verification mail, only where the password is right.
    #[tracing::instrument(name = "auth.login", skip_all)]
    pub async fn login(&self, command: Login) -> Result<TokenPair, Error> {
        let account = OnceLock::new();
        let result = until_committed(|| self.try_login(&command, &account)).await;
        let account = account.get().copied();
        let (actor, action) = match &result {
            Ok(_) => (account, AuditAction::Login),
            Err(Error::Unavailable { .. } | Error::Internal(_)) => return result,
            Err(_) => (None, AuditAction::LoginFailed),
        };
        let line = AuditEntry::new(self.clock.now(), actor, action, command.origin);
        self.audit.record(AuditEntry { object: account.map(AuditObject::User), ..line });
        result
    }

    /// Sets `account` to the owner of the address, whether the password is right or not.
    async fn try_login(&self, command: &Login, account: &OnceLock<UserId>) -> Result<Option<TokenPair>, Error> {
        let found = match &command.email {
            Some(email) => self.users.find_credentials(email).await?,
            None => None,
        };
        if let Some(found) = &found {
            account.get_or_init(|| found.user.id);
        }
        let external_users_may = self.policy.external_users_may_set_password;
        let hash = found.as_ref().and_then(|found| found.usable_password(external_users_may)).cloned();
        let user = found.map(|found| found.user);
        let proven = self.hasher.verify(command.password.clone(), hash.clone()).await?;
        let user = user.filter(|_| proven).ok_or(Error::InvalidCredentials)?;
        if !user.is_active {
            return Err(Error::AccountDisabled);
        }
        if self.policy.require_verified_email && !user.email_verified {
            self.verifications.request(user.id, self.clock.now()).await?;
            return Err(Error::EmailUnverified);
        }

        let renewed = self.renewed(command, hash.as_ref()).await;
        let now = self.clock.now();
        let refresh = self.issuer.grant_refresh(now);
        let session = NewSession {
            user_id: user.id,
            proven_by: hash,
            renewed,
            refresh: refresh.clone(),
            client: command.client.clone(),
            created_at: now,
        };
        // Comparing the password took long enough for another one to be set, or the account to be deactivated.
        let Some(opened) = self.sessions.open(session).await? else { return Ok(None) };
        for revocation in &opened.revocations {
            self.blocklist.block(revocation);
        }
        Ok(Some(self.issuer.issue(&access_grant(&opened.login), &refresh, now)?))
    }

    /// A new hash in place of one of another cost. An error doesn't fail the login: the next login tries again.
    async fn renewed(&self, command: &Login, hash: Option<&PasswordHash>) -> Option<PasswordHash> {
        match self.hasher.renew(command.password.clone(), hash?.clone()).await {
            Ok(renewed) => renewed,
            Err(error) => {
                tracing::debug!(%error, "a password hash could not be renewed");
                None
            }
        }
    }
}

#[cfg(test)]
mod tests;
