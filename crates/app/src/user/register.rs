use super::{CreateUser, Users};
use crate::Error;
use fasttrack_domain::{
    email::Email,
    password::Password,
    text::DisplayName,
    user::{Role, User},
};

#[derive(Clone, Debug)]
pub struct Register {
    pub email: Email,
    pub password: Password,
    /// Defaults to the part of the address before the `@`.
    pub display_name: Option<DisplayName>,
}

impl Users {
    // @spec SPEC-001
    /// Creates an account of role user. Fails with [`Error::RegistrationClosed`] or [`Error::EmailTaken`].
    #[tracing::instrument(name = "auth.register", skip_all)]
    pub async fn register(&self, command: Register) -> Result<User, Error> {
        if !self.registration_open {
            return Err(Error::RegistrationClosed);
        }
        let Register { email, password, display_name } = command;
        self.create(CreateUser {
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
    use crate::fixtures::{OWNER, email, parsed, run, user};
    use fasttrack_domain::{
        password::PasswordHash,
        ports::{password::MockPasswordHasher, user::MockUserRepository},
    };
    use std::sync::Arc;

    #[test]
    fn closed_registration_refuses_before_any_work() {
        let register = Users {
            users: Arc::new(MockUserRepository::new()),
            hasher: Arc::new(MockPasswordHasher::new()),
            registration_open: false,
            ..Users::mocked()
        };
        let command = Register { email: email(), password: parsed("sesame-open"), display_name: None };
        assert!(matches!(run(register.register(command)), Err(Error::RegistrationClosed)));
    }

    #[test]
    fn whoever_registers_is_an_ordinary_user() {
        let mut hasher = MockPasswordHasher::new();
        hasher.expect_hash().return_once(|_| Ok(PasswordHash::new("hash".to_owned())));
        let mut users = MockUserRepository::new();
        users.expect_create().withf(|new| new.role == Role::User).return_once(|_| Ok(user(OWNER)));
        let register =
            Users { users: Arc::new(users), hasher: Arc::new(hasher), registration_open: true, ..Users::mocked() };
        let command = Register { email: email(), password: parsed("sesame-open"), display_name: None };
        assert_eq!(run(register.register(command)).unwrap(), user(OWNER));
    }
}
