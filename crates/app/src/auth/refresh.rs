//! A refresh token is exchanged for the next pair of tokens.

use super::access_grant;
use crate::Error;
use fasttrack_domain::{
    ports::{
        clock::Clock,
        revocation::Blocklist,
        session::SessionRepository,
        token::{TokenIssuer, TokenPair, TokenVerifier},
    },
    session::{Client, Exchange, Exchanged},
    token::{Revocation, Revoked, SecretToken},
};
use std::{sync::Arc, time::Duration};

/// The token that is given in.
#[derive(Clone, Debug)]
pub struct Command {
    /// As the client sent it.
    pub refresh_token: SecretToken,
    /// For the list of sessions.
    pub client: Client,
}

/// Carries a session on.
pub struct Refresh {
    sessions: Arc<dyn SessionRepository>,
    verifier: Arc<dyn TokenVerifier>,
    issuer: Arc<dyn TokenIssuer>,
    blocklist: Arc<dyn Blocklist>,
    clock: Arc<dyn Clock>,
    reuse_leeway: Duration,
}

impl Refresh {
    /// A token that was spent less than `reuse_leeway` ago may be exchanged again; zero for never.
    pub fn new(
        sessions: Arc<dyn SessionRepository>,
        verifier: Arc<dyn TokenVerifier>,
        issuer: Arc<dyn TokenIssuer>,
        blocklist: Arc<dyn Blocklist>,
        clock: Arc<dyn Clock>,
        reuse_leeway: Duration,
    ) -> Self {
        Self { sessions, verifier, issuer, blocklist, clock, reuse_leeway }
    }

    /// The session's next tokens. [`Error::InvalidRefreshToken`]; [`Error::RefreshTokenReused`] where the token was
    /// spent before, and then the whole session is over (RFC 9700 section 4.14.2).
    pub async fn execute(&self, command: Command) -> Result<TokenPair, Error> {
        let now = self.clock.now();
        let claims = self
            .verifier
            .verify_refresh(command.refresh_token.expose(), now)
            .map_err(|_| Error::InvalidRefreshToken)?;

        let next = self.issuer.grant_refresh(now);
        let block_until = now + self.issuer.access_lifetime();
        let exchange = Exchange {
            spent: claims.token_id,
            session_id: claims.session_id,
            next: next.clone(),
            client: command.client,
            at: now,
            reusable_since: (!self.reuse_leeway.is_zero()).then(|| now - self.reuse_leeway),
            block_until,
        };
        match self.sessions.exchange(exchange).await? {
            Exchanged::Renewed(login) => Ok(self.issuer.issue(&access_grant(&login), &next, now)?),
            Exchanged::Reused { session_id } => {
                self.blocklist.block(&Revocation { subject: Revoked::Session(session_id), until: block_until });
                tracing::warn!(
                    session_id = session_id.get(),
                    user_id = claims.user_id.get(),
                    "a spent refresh token came back; its session is revoked"
                );
                Err(Error::RefreshTokenReused)
            }
            Exchanged::Refused => Err(Error::InvalidRefreshToken),
        }
    }
}
