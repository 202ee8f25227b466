//! Somebody proves by password who they are.

use super::access_grant;
use crate::{Error, retry::until_committed};
use fasttrack_domain::{
    email::Email,
    password::PasswordAttempt,
    ports::{
        clock::Clock,
        password::PasswordHasher,
        session::SessionRepository,
        token::{TokenIssuer, TokenPair},
        user::UserRepository,
    },
    session::{Client, NewSession},
};
use std::sync::Arc;

/// Who somebody claims to be.
#[derive(Clone, Debug)]
pub struct Command {
    /// Absent where what was given is no address, and so nobody's.
    pub email: Option<Email>,
    /// The proof.
    pub password: PasswordAttempt,
    /// For the list of sessions.
    pub client: Client,
}

/// Begins a session.
pub struct Login {
    users: Arc<dyn UserRepository>,
    sessions: Arc<dyn SessionRepository>,
    hasher: Arc<dyn PasswordHasher>,
    issuer: Arc<dyn TokenIssuer>,
    clock: Arc<dyn Clock>,
}

impl Login {
    /// Over these ports.
    pub fn new(
        users: Arc<dyn UserRepository>,
        sessions: Arc<dyn SessionRepository>,
        hasher: Arc<dyn PasswordHasher>,
        issuer: Arc<dyn TokenIssuer>,
        clock: Arc<dyn Clock>,
    ) -> Self {
        Self { users, sessions, hasher, issuer, clock }
    }

    /// The session's first tokens. [`Error::InvalidCredentials`] for an unknown email and for a wrong password, after
    /// the same work; [`Error::AccountDisabled`] only to those who know the password.
    pub async fn execute(&self, command: Command) -> Result<TokenPair, Error> {
        until_committed(|| self.attempt(&command)).await
    }

    async fn attempt(&self, command: &Command) -> Result<Option<TokenPair>, Error> {
        let found = match &command.email {
            Some(email) => self.users.find_credentials(email).await?,
            None => None,
        };
        let (user, hash) = found.map(|found| (found.user, found.password_hash)).unzip();
        let proven = self.hasher.verify(command.password.clone(), hash.flatten()).await?;
        let user = user.filter(|_| proven).ok_or(Error::InvalidCredentials)?;
        if !user.is_active {
            return Err(Error::AccountDisabled);
        }

        let now = self.clock.now();
        let refresh = self.issuer.grant_refresh(now);
        let session =
            NewSession { user_id: user.id, refresh: refresh.clone(), client: command.client.clone(), created_at: now };
        let login = self.sessions.open(session).await?.ok_or(Error::AccountDisabled)?;
        // Comparing the password took long enough for another one to be set, which ended every session but this.
        if login.user.token_epoch != user.token_epoch {
            self.sessions.end(login.session.id, user.id, now, Vec::new()).await?;
            return Ok(None);
        }
        Ok(Some(self.issuer.issue(&access_grant(&login), &refresh, now)?))
    }
}
