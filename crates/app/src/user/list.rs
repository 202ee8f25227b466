//! An administrator looks through the accounts.

use crate::Error;
use fasttrack_domain::{
    page::{Page, PageRequest},
    policy::{Action, Actor},
    ports::user::UserRepository,
    user::{User, UserFilter},
};
use std::sync::Arc;

/// Which accounts.
#[derive(Clone, Debug)]
pub struct Command {
    /// Who asks.
    pub actor: Actor,
    /// All where nothing is set.
    pub filter: UserFilter,
    /// Which part of the list.
    pub page: PageRequest,
}

/// Lists accounts.
pub struct ListUsers {
    users: Arc<dyn UserRepository>,
}

impl ListUsers {
    /// Over this port.
    pub fn new(users: Arc<dyn UserRepository>) -> Self {
        Self { users }
    }

    /// The page. [`Error::Forbidden`] to all but administrators.
    pub async fn execute(&self, command: Command) -> Result<Page<User>, Error> {
        command.actor.must(Action::ManageUsers)?;
        Ok(self.users.list(command.filter, command.page).await?)
    }
}
