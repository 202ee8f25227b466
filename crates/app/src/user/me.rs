//! Somebody looks at their own account.

use crate::Error;
use fasttrack_domain::{policy::Actor, ports::user::UserRepository, user::User};
use std::sync::Arc;

/// Whose account.
#[derive(Clone, Copy, Debug)]
pub struct Command {
    /// Who asks.
    pub actor: Actor,
}

/// Shows the actor's own account.
pub struct Me {
    users: Arc<dyn UserRepository>,
}

impl Me {
    /// Over this port.
    pub fn new(users: Arc<dyn UserRepository>) -> Self {
        Self { users }
    }

    /// The account. [`Error::NotFound`] where it is gone.
    pub async fn execute(&self, command: Command) -> Result<User, Error> {
        super::find(&*self.users, command.actor.id).await
    }
}
