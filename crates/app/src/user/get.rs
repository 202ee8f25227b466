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
    #[tracing::instrument(name = "user.get", skip_all)]
    pub async fn execute(&self, command: Command) -> Result<User, Error> {
        command.actor.must(Action::ManageUsers)?;
        super::find(&*self.users, command.id).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixtures::{ADMIN, OWNER, run, user};
    use fasttrack_domain::ports::user::MockUserRepository;

    #[test]
    fn an_ordinary_user_may_look_at_nobody_this_way_and_learns_nothing() {
        for id in [OWNER.id, ADMIN.id, UserId::new(404)] {
            let get = GetUser::new(Arc::new(MockUserRepository::new()));
            assert!(matches!(run(get.execute(Command { actor: OWNER, id })), Err(Error::Forbidden(_))));
        }
    }

    #[test]
    fn an_admin_sees_whoever_exists() {
        let mut users = MockUserRepository::new();
        users.expect_find().returning(|id| Ok((id == OWNER.id).then(|| user(OWNER))));
        let get = GetUser::new(Arc::new(users));
        assert_eq!(run(get.execute(Command { actor: ADMIN, id: OWNER.id })).unwrap(), user(OWNER));
        let missing = run(get.execute(Command { actor: ADMIN, id: UserId::new(404) }));
        assert!(matches!(missing, Err(Error::NotFound("user"))));
    }
}
