//! Somebody changes their own account.

use crate::{Error, retry::until_committed};
use fasttrack_domain::{
    email::Email,
    patch::Set,
    policy::Actor,
    ports::{clock::Clock, user::UserRepository},
    text::DisplayName,
    user::{User, UserPatch},
};
use std::sync::Arc;

/// What is to change: nothing that would give more rights.
#[derive(Clone, Debug)]
pub struct Command {
    /// Who asks.
    pub actor: Actor,
    /// A new name.
    pub display_name: Set<DisplayName>,
    /// A new address; must not be in use.
    pub email: Set<Email>,
}

/// Changes the actor's own account.
pub struct UpdateMe {
    users: Arc<dyn UserRepository>,
    clock: Arc<dyn Clock>,
}

impl UpdateMe {
    /// Over these ports.
    pub fn new(users: Arc<dyn UserRepository>, clock: Arc<dyn Clock>) -> Self {
        Self { users, clock }
    }

    /// The account as it stands now. [`Error::NotFound`] where it is gone, [`Error::EmailTaken`].
    pub async fn execute(&self, command: Command) -> Result<User, Error> {
        let Command { actor, display_name, email } = command;
        let patch = UserPatch { display_name, email, ..UserPatch::default() };
        until_committed(|| self.attempt(actor, &patch)).await
    }

    async fn attempt(&self, actor: Actor, patch: &UserPatch) -> Result<Option<User>, Error> {
        let user = super::find(&*self.users, actor.id).await?;
        match user.apply(patch.clone(), self.clock.now()) {
            Some(change) => Ok(self.users.save(change, None).await?),
            None => Ok(Some(user)),
        }
    }
}
