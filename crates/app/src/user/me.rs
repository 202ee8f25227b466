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

    /// The account. [`Error::Token`] where it is gone.
    #[tracing::instrument(name = "user.me", skip_all)]
    pub async fn execute(&self, command: Command) -> Result<User, Error> {
        super::find_own(&*self.users, command.actor).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixtures::{OWNER, STRANGER, run, user};
    use fasttrack_domain::{ports::user::MockUserRepository, token::TokenError};

    #[test]
    fn everybody_sees_their_own_account() {
        let mut users = MockUserRepository::new();
        users.expect_find().returning(|id| Ok((id == OWNER.id).then(|| user(OWNER))));
        let me = Me::new(Arc::new(users));
        assert_eq!(run(me.execute(Command { actor: OWNER })).unwrap(), user(OWNER));
        let gone = run(me.execute(Command { actor: STRANGER }));
        assert!(matches!(gone, Err(Error::Token(TokenError::Revoked))));
    }
}
