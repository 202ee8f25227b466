use super::Auth;
use crate::{Error, Ports, retry::until_committed};
use fasttrack_domain::{
    Timestamp,
    email::Email,
    identity::{ExternalIdentity, IdentityLink},
    policy::Forbidden,
    ports::{
        RepositoryError, constraint,
        identity::{ExternalVerifier, IdentityRepository},
        revocation::Blocklist,
        secret::SecretSource,
        user::UserRepository,
    },
    revocation::RevokingAct,
    token::{AccessClaims, ExternalClaims, TokenError, TokenSource},
    user::{NewUser, Role, User},
};
use std::sync::Arc;

const NOT_LINKED: Forbidden =
    Forbidden("an administrator's account, or one with another spelling of the address, is not linked by its address");

// @spec SPEC-014
// @decision DEC-0011
/// The ports that tokens of another issuer need.
#[derive(Clone)]
pub struct External {
    pub verifier: Arc<dyn ExternalVerifier>,
    pub identities: Arc<dyn IdentityRepository>,
    pub users: Arc<dyn UserRepository>,
    /// Draws the placeholder of an account without an address.
    pub secrets: Arc<dyn SecretSource>,
    pub blocklist: Arc<dyn Blocklist>,
}

impl External {
    /// `None` where tokens of another issuer are refused.
    pub(super) fn new(ports: &Ports) -> Option<Self> {
        ports.external.clone().map(|verifier| Self {
            verifier,
            identities: ports.uncounted.identities.clone(),
            users: ports.uncounted.users.clone(),
            secrets: ports.secrets.clone(),
            blocklist: ports.blocklist.clone(),
        })
    }
}

impl Auth {
    /// Returns the claims of an access token, of ours or of the other issuer that is trusted. API tokens are verified by
    /// [`ApiTokens`](crate::api_token::ApiTokens).
    ///
    /// [`Error::Token`] where the token isn't good, or was issued before an account of its user was erased.
    /// [`Error::Forbidden`] where the address of the other issuer's user is that of an administrator here. Role and state of
    /// such a user are those of the account here, read with each request; the first request creates the account.
    pub async fn authenticate(&self, token: &str) -> Result<AccessClaims, Error> {
        match self.authenticate_own(token).await? {
            Some(claims) => Ok(claims),
            None => self.authenticate_external(token).await,
        }
    }

    /// The first half of [`authenticate`](Self::authenticate): verifies a token of ours. `None` for a token that names the other
    /// issuer: [`authenticate_external`](Self::authenticate_external) looks up its key and account, which a caller can limit.
    pub async fn authenticate_own(&self, token: &str) -> Result<Option<AccessClaims>, Error> {
        match (self.verifier.verify_access(token, self.clock.now()).await, &self.external) {
            (Err(TokenError::Invalid), Some(external)) if external.verifier.names_issuer(token) => Ok(None),
            (verified, _) => Ok(Some(verified?)),
        }
    }

    /// The second half of [`authenticate`](Self::authenticate): verifies a token of the other issuer.
    pub async fn authenticate_external(&self, token: &str) -> Result<AccessClaims, Error> {
        let external = self.external.as_ref().ok_or(TokenError::Invalid)?;
        let now = self.clock.now();
        let claims = external.verifier.verify(token, now).await?;
        let user = external.account(&claims, now).await?;
        let claims = access_claims(claims, &user, now)?;
        self.verifier.recheck_access(&claims, now).await?;
        Ok(claims)
    }
}

/// The claims that a token of ours, made now, would have for this user.
fn access_claims(external: ExternalClaims, user: &User, now: Timestamp) -> Result<AccessClaims, TokenError> {
    if !user.is_active {
        return Err(TokenError::Revoked);
    }
    Ok(AccessClaims {
        user_id: user.id,
        role: user.role,
        source: TokenSource::External(external.identity.identity.subject),
        token_id: external.token_id,
        epoch: user.token_epoch,
        issued_at: now,
        expires_at: external.expires_at,
        user_key: Some(user.key),
        session_key: None,
    })
}

impl External {
    /// The account of this identity, made or linked where there is none yet.
    async fn account(&self, claims: &ExternalClaims, now: Timestamp) -> Result<User, Error> {
        until_committed(|| self.attempt(claims, now)).await
    }

    async fn attempt(&self, claims: &ExternalClaims, now: Timestamp) -> Result<Option<User>, Error> {
        let known = self.identities.find(&claims.identity.identity).await?;
        if !known.admits(claims.issued_at) {
            return Err(TokenError::Revoked.into());
        }
        if let Some(user) = known.user {
            return Ok(Some(user));
        }
        match self.admit(&claims.identity, now).await? {
            // Another request of the same user was faster, or somebody else took the address.
            Err(RepositoryError::Conflict { constraint: constraint::IDENTITY | constraint::USER_EMAIL }) => Ok(None),
            admitted => Ok(admitted?),
        }
    }

    /// Creates an account, links one or takes it over. The inner result is that of the commit; `None` where another
    /// commit came first.
    async fn admit(
        &self,
        external: &ExternalIdentity,
        now: Timestamp,
    ) -> Result<Result<Option<User>, RepositoryError>, Error> {
        let found = match &external.verified_email {
            Some(email) => self.users.find_credentials(email).await?.map(|found| (found.user, email)),
            None => None,
        };
        let Some((user, email)) = found else { return Ok(self.make(external, now).await.map(Some)) };
        if let Some(refusal) = refusal(&user, email) {
            // Another first request of the same user may have made it since.
            let own = self.identities.find(&external.identity).await?.user;
            return own.map(|own| Ok(Some(own))).ok_or(refusal);
        }
        let link =
            IdentityLink { identity: external.identity.clone(), user_id: user.id, based_on: user.version, at: now };
        if user.email_verified {
            let linked = self.identities.link(link).await;
            if let Ok(Some(user)) = &linked {
                tracing::info!(user_id = user.id.get(), "linked an account with another issuer's user");
            }
            return Ok(linked);
        }
        let taken = self.identities.take_over(link).await;
        if let Ok(Some(user)) = &taken {
            self.blocklist.block(&RevokingAct::TakenOver(user.epoch()).revocation(now));
            tracing::info!(user_id = user.id.get(), "the verified owner of an address took over an account");
        }
        Ok(taken)
    }

    async fn make(&self, external: &ExternalIdentity, now: Timestamp) -> Result<User, RepositoryError> {
        let email = external.verified_email.clone();
        let email_verified = email.is_some();
        let email = email.unwrap_or_else(|| Email::placeholder(self.secrets.draw().secret.expose()));
        let user = NewUser {
            display_name: external.display_name(&email),
            email,
            email_verified,
            role: Role::User,
            password_hash: None,
            is_external: true,
            created_at: now,
            audit: None,
        };
        self.identities.create(external.identity.clone(), user).await
    }
}

/// Why the account of `user` is not linked to the owner of `email`. An administrator's account never is, nor one with
/// another spelling of the address, which may be another mailbox.
fn refusal(user: &User, email: &Email) -> Option<Error> {
    if user.role == Role::Admin || user.email != *email {
        return Some(NOT_LINKED.into());
    }
    (!user.is_active).then(|| TokenError::Revoked.into())
}

#[cfg(test)]
mod tests;
