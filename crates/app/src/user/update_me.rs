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

    /// The account as it stands now. [`Error::Token`] where it is gone, [`Error::EmailTaken`].
    #[tracing::instrument(name = "user.update_me", skip_all)]
    pub async fn execute(&self, command: Command) -> Result<User, Error> {
        let Command { actor, display_name, email } = command;
        let patch = UserPatch { display_name, email, ..UserPatch::default() };
        until_committed(|| self.attempt(actor, &patch)).await
    }

    async fn attempt(&self, actor: Actor, patch: &UserPatch) -> Result<Option<User>, Error> {
        let user = super::find_own(&*self.users, actor).await?;
        match user.apply(patch.clone(), self.clock.now()) {
            Some(change) => Ok(self.users.save(change, None).await?),
            None => Ok(Some(user)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixtures::{OWNER, clock, conflict, email, parsed, run, user};
    use fasttrack_domain::ports::{constraint, user::MockUserRepository};

    fn update(display_name: Set<DisplayName>, email: Set<Email>, users: MockUserRepository) -> Result<User, Error> {
        let update = UpdateMe::new(Arc::new(users), clock());
        run(update.execute(Command { actor: OWNER, display_name, email }))
    }

    fn found() -> MockUserRepository {
        let mut users = MockUserRepository::new();
        users.expect_find().withf(|id| *id == OWNER.id).returning(|_| Ok(Some(user(OWNER))));
        users
    }

    #[test]
    fn name_and_address_change_together_and_end_no_session() {
        let mut users = found();
        users
            .expect_save()
            .times(1)
            .withf(|change, revocation| !change.ends_sessions && revocation.is_none())
            .return_once(|change, _| Ok(Some(change.user)));
        let bob = Email::parse("bob@example.org").unwrap();
        let saved = update(Some(parsed("Bob")), Some(bob.clone()), users).unwrap();
        assert_eq!((saved.display_name, saved.email, saved.version), (parsed("Bob"), bob, 4));
    }

    #[test]
    fn a_patch_that_changes_nothing_commits_nothing() {
        assert_eq!(update(None, Some(email()), found()).unwrap(), user(OWNER));
    }

    #[test]
    fn a_taken_email_shows_at_the_commit() {
        let mut users = found();
        users.expect_save().return_once(|_, _| Err(conflict(constraint::USER_EMAIL)));
        let result = update(None, Some(Email::parse("bob@example.org").unwrap()), users);
        assert!(matches!(result, Err(Error::EmailTaken)));
    }

    #[test]
    fn a_lost_race_is_decided_again() {
        let mut users = found();
        users.expect_save().times(1).return_once(|_, _| Ok(None));
        users.expect_save().times(1).return_once(|change, _| Ok(Some(change.user)));
        assert_eq!(update(Some(parsed("Bob")), None, users).unwrap().display_name, parsed("Bob"));
    }
}
