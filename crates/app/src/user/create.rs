//! An operator makes an account.

use crate::Error;
use fasttrack_domain::{
    email::Email,
    password::Password,
    ports::{clock::Clock, password::PasswordHasher, user::UserRepository},
    text::DisplayName,
    user::{NewUser, Role, User},
};
use std::sync::Arc;

/// The account that is wanted.
#[derive(Clone, Debug)]
pub struct Command {
    /// Must not be in use.
    pub email: Email,
    /// What proves the owner from now on.
    pub password: Password,
    /// What stands before the `@` where absent.
    pub display_name: Option<DisplayName>,
    /// What the user may do in general.
    pub role: Role,
}

/// Makes an account of any role. For whoever holds the machine: nobody is asked for permission.
pub struct CreateUser {
    users: Arc<dyn UserRepository>,
    hasher: Arc<dyn PasswordHasher>,
    clock: Arc<dyn Clock>,
}

impl CreateUser {
    /// Over these ports.
    pub fn new(users: Arc<dyn UserRepository>, hasher: Arc<dyn PasswordHasher>, clock: Arc<dyn Clock>) -> Self {
        Self { users, hasher, clock }
    }

    /// The new account. [`Error::EmailTaken`].
    pub async fn execute(&self, command: Command) -> Result<User, Error> {
        let Command { email, password, display_name, role } = command;
        let password_hash = Some(self.hasher.hash(password).await?);
        let display_name = display_name.unwrap_or_else(|| email.default_display_name());
        let user = NewUser { email, display_name, role, password_hash, created_at: self.clock.now() };
        Ok(self.users.create(user).await?)
    }
}
