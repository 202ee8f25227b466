//! Somebody makes an account for themselves.

use crate::{
    Error,
    user::create::{self, CreateUser},
};
use fasttrack_domain::{
    email::Email,
    password::Password,
    ports::{clock::Clock, password::PasswordHasher, user::UserRepository},
    text::DisplayName,
    user::{Role, User},
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
}

/// Makes an account of role user, where that is allowed to anybody.
pub struct Register {
    create: CreateUser,
    open: bool,
}

impl Register {
    /// `open` says whether anybody may register.
    pub fn new(
        users: Arc<dyn UserRepository>,
        hasher: Arc<dyn PasswordHasher>,
        clock: Arc<dyn Clock>,
        open: bool,
    ) -> Self {
        Self { create: CreateUser::new(users, hasher, clock), open }
    }

    /// The new account. [`Error::RegistrationClosed`], [`Error::EmailTaken`].
    pub async fn execute(&self, command: Command) -> Result<User, Error> {
        if !self.open {
            return Err(Error::RegistrationClosed);
        }
        let Command { email, password, display_name } = command;
        self.create.execute(create::Command { email, password, display_name, role: Role::User }).await
    }
}
