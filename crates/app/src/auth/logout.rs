//! Somebody ends the session they are in.

use crate::Error;
use fasttrack_domain::{
    Timestamp,
    id::{SessionId, UserId},
    policy::Forbidden,
    ports::{
        clock::Clock,
        revocation::Blocklist,
        session::SessionRepository,
        token::{TokenIssuer, TokenVerifier},
    },
    token::{AccessClaims, Revocation, Revoked, SecretToken},
};
use std::sync::Arc;

/// The session that is to end.
#[derive(Clone, Debug)]
pub struct Command {
    /// Of the access token that came with the request.
    pub claims: AccessClaims,
    /// Ends its session too, if it is another one.
    pub refresh_token: Option<SecretToken>,
}

/// Ends a session and makes its tokens worthless.
pub struct Logout {
    sessions: Arc<dyn SessionRepository>,
    verifier: Arc<dyn TokenVerifier>,
    issuer: Arc<dyn TokenIssuer>,
    blocklist: Arc<dyn Blocklist>,
    clock: Arc<dyn Clock>,
}

impl Logout {
    /// Over these ports.
    pub fn new(
        sessions: Arc<dyn SessionRepository>,
        verifier: Arc<dyn TokenVerifier>,
        issuer: Arc<dyn TokenIssuer>,
        blocklist: Arc<dyn Blocklist>,
        clock: Arc<dyn Clock>,
    ) -> Self {
        Self { sessions, verifier, issuer, blocklist, clock }
    }

    /// Succeeds also where the session is over already. [`Error::Forbidden`] where the refresh token is somebody
    /// else's, and then nothing ends; one that isn't good any more is worthless already and says nothing.
    pub async fn execute(&self, command: Command) -> Result<(), Error> {
        let Command { claims, refresh_token } = command;
        let now = self.clock.now();
        let refresh = refresh_token.and_then(|token| self.verifier.verify_refresh(token.expose(), now).ok());
        if refresh.as_ref().is_some_and(|refresh| refresh.user_id != claims.user_id) {
            return Err(Forbidden.into());
        }

        // The own session last: should the other fail to end, the access token is still good for another try.
        if let Some(other) = refresh.map(|refresh| refresh.session_id).filter(|id| *id != claims.session_id) {
            self.end(other, claims.user_id, now, None).await?;
        }
        let token = Revocation { subject: Revoked::Token(claims.token_id), until: claims.expires_at };
        self.end(claims.session_id, claims.user_id, now, Some(token)).await
    }

    async fn end(
        &self,
        id: SessionId,
        user_id: UserId,
        now: Timestamp,
        token: Option<Revocation>,
    ) -> Result<(), Error> {
        let session = Revocation { subject: Revoked::Session(id), until: now + self.issuer.access_lifetime() };
        let revocations: Vec<_> = token.into_iter().chain([session]).collect();
        self.sessions.end(id, user_id, now, revocations.clone()).await?;
        for revocation in &revocations {
            self.blocklist.block(revocation);
        }
        Ok(())
    }
}
