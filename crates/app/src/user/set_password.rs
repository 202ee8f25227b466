//! An operator sets somebody's password.

use crate::Error;
use fasttrack_domain::{
    email::Email,
    password::Password,
    ports::{clock::Clock, password::PasswordHasher, revocation::Blocklist, token::TokenIssuer, user::UserRepository},
    token::{Revocation, Revoked},
    user::User,
};
use std::sync::Arc;

/// Whose password, and which.
#[derive(Clone, Debug)]
pub struct Command {
    /// Of the account.
    pub email: Email,
    /// What proves the owner from now on.
    pub password: Password,
}

/// Replaces a password and ends every session of its user. For whoever holds the machine: nobody is asked for
/// permission.
pub struct SetPassword {
    users: Arc<dyn UserRepository>,
    hasher: Arc<dyn PasswordHasher>,
    issuer: Arc<dyn TokenIssuer>,
    blocklist: Arc<dyn Blocklist>,
    clock: Arc<dyn Clock>,
}

impl SetPassword {
    /// Over these ports.
    pub fn new(
        users: Arc<dyn UserRepository>,
        hasher: Arc<dyn PasswordHasher>,
        issuer: Arc<dyn TokenIssuer>,
        blocklist: Arc<dyn Blocklist>,
        clock: Arc<dyn Clock>,
    ) -> Self {
        Self { users, hasher, issuer, blocklist, clock }
    }

    /// The account. [`Error::NotFound`].
    pub async fn execute(&self, command: Command) -> Result<User, Error> {
        let found = self.users.find_credentials(&command.email).await?.ok_or(Error::NotFound("user"))?;
        let hash = self.hasher.hash(command.password).await?;
        let now = self.clock.now();
        let until = now + self.issuer.access_lifetime();
        let user = self.users.reset_password(found.user.id, hash, now, until).await?.ok_or(Error::NotFound("user"))?;
        self.blocklist.block(&Revocation { subject: Revoked::User { id: user.id, epoch: user.token_epoch }, until });
        Ok(user)
    }
}
