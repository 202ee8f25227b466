use super::Auth;
use crate::Error;
use fasttrack_domain::{
    Timestamp,
    audit::{AuditAction, AuditEntry, AuditObject, Origin},
    id::{SessionId, UserId},
    policy::Forbidden,
    revocation::RevokingAct,
    token::{AccessClaims, SecretToken, TokenError},
};

#[derive(Clone, Debug)]
pub struct Logout {
    pub claims: AccessClaims,
    /// The session of this token is ended too.
    pub refresh_token: Option<SecretToken>,
    pub origin: Origin,
}

/// Logout with an access token that has expired.
#[derive(Clone, Debug)]
pub struct LogoutExpired {
    pub access_token: SecretToken,
    /// It must be valid, and of the same session as the access token.
    pub refresh_token: SecretToken,
    pub origin: Origin,
}

impl Auth {
    // @spec SPEC-001
    /// Ends the session of an access token, and that of a refresh token. Succeeds also where they have ended already.
    ///
    /// [`Error::Forbidden`] for an API token, which has no session, and where the refresh token is another user's: then
    /// nothing ends. A refresh token that isn't good any more is ignored.
    #[tracing::instrument(name = "auth.logout", skip_all)]
    pub async fn logout(&self, command: Logout) -> Result<(), Error> {
        let Logout { claims, refresh_token, origin } = command;
        if claims.api_grant().is_some() {
            return Err(Forbidden("an API token has no session to end; it can be revoked").into());
        }
        let now = self.clock.now();
        let refresh = refresh_token.and_then(|token| self.verifier.verify_refresh(token.expose(), now).ok());
        if refresh.as_ref().is_some_and(|refresh| refresh.user_id != claims.user_id) {
            return Err(Forbidden("only the user of a refresh token may end its session").into());
        }

        let own = claims.session_id();
        let mut sessions = Vec::from_iter(own);
        if let Some(other) = refresh.filter(|refresh| Some(refresh.session_id) != own) {
            let id = other.session_id;
            if self.sessions.accepts(other, now).await? {
                sessions.push(id);
            }
        }
        // Before the token of another issuer: should this fail, that is still good for another try.
        if !sessions.is_empty() {
            self.end(sessions, claims.user_id, now).await?;
        }
        if own.is_none() {
            // Its session goes on at its issuer.
            let AccessClaims { token_id, expires_at, .. } = claims;
            let revocation = RevokingAct::ExternalLogout { token_id, expires_at }.revocation(now);
            self.revocations.create(revocation.clone()).await?;
            self.blocklist.block(&revocation);
        }
        self.audit.record(line(claims.user_id, now, origin));
        Ok(())
    }

    /// Ends the session of an access token that has expired. [`Error::Token`] where it isn't genuine, or the refresh
    /// token isn't a good one of the same session.
    #[tracing::instrument(name = "auth.logout_expired", skip_all)]
    pub async fn logout_expired(&self, command: LogoutExpired) -> Result<(), Error> {
        let now = self.clock.now();
        let access = self.verifier.read_access(command.access_token.expose())?;
        let refresh = self
            .verifier
            .verify_refresh(command.refresh_token.expose(), now)
            .ok()
            .filter(|refresh| access.session_id() == Some(refresh.session_id))
            .filter(|refresh| access.session_key == refresh.session_key && access.user_id == refresh.user_id)
            .ok_or(TokenError::Expired)?;
        if !self.sessions.accepts(refresh.clone(), now).await? {
            return Err(TokenError::Expired.into());
        }
        self.end(vec![refresh.session_id], refresh.user_id, now).await?;
        self.audit.record(line(refresh.user_id, now, command.origin));
        Ok(())
    }

    async fn end(&self, ids: Vec<SessionId>, user_id: UserId, now: Timestamp) -> Result<(), Error> {
        self.sessions.end(ids.clone(), user_id, now).await?;
        // Those too that another node has just ended: this one may not know yet.
        for id in ids {
            self.blocklist.block(&RevokingAct::Logout(id).revocation(now));
        }
        Ok(())
    }
}

/// Returns the audit entry of a user who ended a session.
pub(super) fn line(user: UserId, now: Timestamp, origin: Origin) -> AuditEntry {
    AuditEntry::new(now, Some(user), AuditAction::Logout, origin).with_object(AuditObject::User(user))
}

#[cfg(test)]
mod tests;
