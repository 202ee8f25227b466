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

// @spec SPEC-001
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
    #[tracing::instrument(name = "auth.register", skip_all)]
    pub async fn execute(&self, command: Command) -> Result<User, Error> {
        if !self.open {
            return Err(Error::RegistrationClosed);
        }
        let Command { email, password, display_name } = command;
        self.create
            .execute(create::Command {
                email,
                password,
                display_name,
                role: Role::User,
                email_verified: false,
                is_by_operator: false,
            })
            .await
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixtures::{OWNER, clock, email, parsed, run, user};
    use fasttrack_domain::{
        password::PasswordHash,
        ports::{password::MockPasswordHasher, user::MockUserRepository},
    };

    #[test]
    fn closed_registration_refuses_before_any_work() {
        let register =
            Register::new(Arc::new(MockUserRepository::new()), Arc::new(MockPasswordHasher::new()), clock(), false);
        let command = Command { email: email(), password: parsed("sesame-open"), display_name: None };
        assert!(matches!(run(register.execute(command)), Err(Error::RegistrationClosed)));
    }

    #[test]
    fn whoever_registers_is_an_ordinary_user() {
        let mut hasher = MockPasswordHasher::new();
        hasher.expect_hash().return_once(|_| Ok(PasswordHash::new("hash".to_owned())));
        let mut users = MockUserRepository::new();
        users.expect_create().withf(|new| new.role == Role::User).return_once(|_| Ok(user(OWNER)));
        let register = Register::new(Arc::new(users), Arc::new(hasher), clock(), true);
        let command = Command { email: email(), password: parsed("sesame-open"), display_name: None };
        assert_eq!(run(register.execute(command)).unwrap(), user(OWNER));
    }
}
