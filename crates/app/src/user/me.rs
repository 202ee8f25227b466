use super::Users;
use crate::Error;
use fasttrack_domain::{policy::Actor, user::User};

impl Users {
    /// Returns the actor's own account. Fails with [`Error::Token`] where it is gone.
    #[tracing::instrument(name = "user.me", skip_all)]
    pub async fn me(&self, actor: Actor) -> Result<User, Error> {
        super::find_own(&*self.users, &actor).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixtures::{OWNER, STRANGER, run, user};
    use fasttrack_domain::{ports::user::MockUserRepository, token::TokenError};
    use std::sync::Arc;

    #[test]
    fn everybody_sees_their_own_account() {
        let mut users = MockUserRepository::new();
        users.expect_find().returning(|id| Ok((id == OWNER.id).then(|| user(OWNER))));
        let me = Users { users: Arc::new(users), ..Users::mocked() };
        assert_eq!(run(me.me(OWNER)).unwrap(), user(OWNER));
        let gone = run(me.me(STRANGER));
        assert!(matches!(gone, Err(Error::Token(TokenError::Revoked))));
    }
}
