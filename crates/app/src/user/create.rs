use super::Users;
use crate::Error;
use fasttrack_domain::{
    audit::{AuditAction, AuditChanges, AuditEntry, Origin},
    email::Email,
    password::Password,
    text::DisplayName,
    user::{NewUser, Role, User},
};

#[derive(Clone, Debug)]
pub struct CreateUser {
    pub email: Email,
    pub password: Password,
    /// Defaults to the part of the address before the `@`.
    pub display_name: Option<DisplayName>,
    pub role: Role,
    /// A verification mail is sent unless this is set.
    pub email_verified: bool,
    /// An entry is added to the audit log if this is set.
    pub is_by_operator: bool,
}

impl Users {
    /// Creates an account of any role, for an operator: no permission is checked. Fails with [`Error::EmailTaken`].
    #[tracing::instrument(name = "user.create", skip_all)]
    pub async fn create(&self, command: CreateUser) -> Result<User, Error> {
        let CreateUser { email, password, display_name, role, email_verified, is_by_operator } = command;
        let password_hash = Some(self.hasher.hash(password).await?);
        let display_name = display_name.unwrap_or_else(|| email.default_display_name());
        let now = self.clock.now();
        let line = AuditEntry::new(now, None, AuditAction::UserCreated, Origin::default());
        let changes = AuditChanges::default().set("email", email.as_str()).set("role", role.as_str());
        let user = NewUser {
            email,
            email_verified,
            display_name,
            role,
            password_hash,
            is_external: false,
            created_at: now,
            audit: is_by_operator.then(|| line.with_changes(changes)),
        };
        Ok(self.users.create(user).await?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixtures::{ADMIN, conflict, email, now, parsed, run, user};
    use fasttrack_domain::{
        password::PasswordHash,
        ports::{
            constraint,
            password::{HasherError, MockPasswordHasher},
            user::MockUserRepository,
        },
    };
    use std::sync::Arc;
    use std::time::Duration;

    fn command(display_name: Option<DisplayName>) -> CreateUser {
        CreateUser {
            email: email(),
            password: parsed("sesame-open"),
            display_name,
            role: Role::Admin,
            email_verified: false,
            is_by_operator: true,
        }
    }

    fn hasher() -> Arc<MockPasswordHasher> {
        let mut hasher = MockPasswordHasher::new();
        hasher
            .expect_hash()
            .withf(|password| password.expose() == "sesame-open")
            .return_once(|_| Ok(PasswordHash::new("hash".to_owned())));
        Arc::new(hasher)
    }

    #[test]
    fn default_name_is_the_address_before_the_at_sign() {
        for (given, expected) in [(None, "ann"), (DisplayName::cut("Ann Lee"), "Ann Lee")] {
            let expected = NewUser {
                email: email(),
                display_name: parsed(expected),
                role: Role::Admin,
                password_hash: Some(PasswordHash::new("hash".to_owned())),
                email_verified: false,
                is_external: false,
                created_at: now(),
                audit: Some(
                    AuditEntry::new(now(), None, AuditAction::UserCreated, Origin::default())
                        .with_changes(AuditChanges::default().set("email", "ann@example.org").set("role", "admin")),
                ),
            };
            let mut users = MockUserRepository::new();
            users.expect_create().times(1).withf(move |new| *new == expected).return_once(|_| Ok(user(ADMIN)));
            let create = Users { users: Arc::new(users), hasher: hasher(), ..Users::mocked() };
            assert_eq!(run(create.create(command(given))).unwrap(), user(ADMIN));
        }
    }

    #[test]
    fn a_taken_email_shows_at_the_commit() {
        let mut users = MockUserRepository::new();
        users.expect_create().return_once(|_| Err(conflict(constraint::USER_EMAIL)));
        let create = Users { users: Arc::new(users), hasher: hasher(), ..Users::mocked() };
        assert!(matches!(run(create.create(command(None))), Err(Error::EmailTaken)));
    }

    #[test]
    fn an_overloaded_hasher_says_when_to_come_again() {
        let soon = Duration::from_secs(3);
        let mut hasher = MockPasswordHasher::new();
        hasher.expect_hash().return_once(move |_| Err(HasherError::Overloaded { retry_after: soon }));
        let create = Users { users: Arc::new(MockUserRepository::new()), hasher: Arc::new(hasher), ..Users::mocked() };
        let result = run(create.create(command(None)));
        assert!(matches!(result, Err(Error::Unavailable { retry_after, .. }) if retry_after == soon));
    }
}
