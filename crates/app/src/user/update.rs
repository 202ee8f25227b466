//! An administrator changes an account.

use crate::{Error, retry::until_committed};
use fasttrack_domain::{
    id::UserId,
    policy::{Action, Actor},
    ports::{clock::Clock, revocation::Blocklist, token::TokenIssuer, user::UserRepository},
    token::{Revocation, Revoked},
    user::{User, UserPatch},
};
use std::sync::Arc;

/// What is to change.
#[derive(Clone, Debug)]
pub struct Command {
    /// Who asks.
    pub actor: Actor,
    /// Whose account.
    pub id: UserId,
    /// Absent fields stay as they are.
    pub patch: UserPatch,
}

/// Changes any account. Another role ends the user's access tokens, deactivation its sessions too.
pub struct UpdateUser {
    users: Arc<dyn UserRepository>,
    issuer: Arc<dyn TokenIssuer>,
    blocklist: Arc<dyn Blocklist>,
    clock: Arc<dyn Clock>,
}

impl UpdateUser {
    /// Over these ports.
    pub fn new(
        users: Arc<dyn UserRepository>,
        issuer: Arc<dyn TokenIssuer>,
        blocklist: Arc<dyn Blocklist>,
        clock: Arc<dyn Clock>,
    ) -> Self {
        Self { users, issuer, blocklist, clock }
    }

    /// The account as it stands now. [`Error::Forbidden`] to all but administrators, whether it exists or not;
    /// [`Error::NotFound`], [`Error::EmailTaken`], [`Error::LastActiveAdmin`].
    pub async fn execute(&self, command: Command) -> Result<User, Error> {
        command.actor.must(Action::ManageUsers)?;
        until_committed(|| self.attempt(&command)).await
    }

    async fn attempt(&self, command: &Command) -> Result<Option<User>, Error> {
        let user = super::find(&*self.users, command.id).await?;
        let now = self.clock.now();
        let Some(change) = user.apply(command.patch.clone(), now) else {
            return Ok(Some(user));
        };
        let revocation = change.ends_access_tokens.then(|| Revocation {
            subject: Revoked::User { id: user.id, epoch: change.user.token_epoch },
            until: now + self.issuer.access_lifetime(),
        });
        let saved = self.users.save(change, revocation.clone()).await?;
        if let (Some(_), Some(revocation)) = (&saved, revocation) {
            self.blocklist.block(&revocation);
        }
        Ok(saved)
    }
}
