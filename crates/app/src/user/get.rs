//! An administrator looks at an account.

use crate::Error;
use fasttrack_domain::{
    id::UserId,
    policy::{Action, Actor},
    ports::user::UserRepository,
    user::User,
};
use std::sync::Arc;

/// Which account.
#[derive(Clone, Copy, Debug)]
pub struct Command {
    /// Who asks.
    pub actor: Actor,
    /// Whose account.
    pub id: UserId,
}

/// Shows any account.
pub struct GetUser {
    users: Arc<dyn UserRepository>,
}

impl GetUser {
    /// Over this port.
    pub fn new(users: Arc<dyn UserRepository>) -> Self {
        Self { users }
    }

    /// The account. [`Error::Forbidden`] to all but administrators, whether it exists or not; [`Error::NotFound`].
    pub async fn execute(&self, command: Command) -> Result<User, Error> {
        command.actor.must(Action::ManageUsers)?;
        super::find(&*self.users, command.id).await
    }
}
