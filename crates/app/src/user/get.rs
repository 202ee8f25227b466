use super::Users;
use crate::Error;
use fasttrack_domain::{
    id::UserId,
    policy::{Action, Actor},
    user::User,
};

impl Users {
    /// Returns any account. Fails with [`Error::Forbidden`] for all but administrators, whether the account exists or
    /// not, and with [`Error::NotFound`].
    #[tracing::instrument(name = "user.get", skip_all)]
    pub async fn get(&self, actor: Actor, id: UserId) -> Result<User, Error> {
        actor.authorize(Action::ManageUsers)?;
        super::find(&*self.users, id).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixtures::{ADMIN, OWNER, run, user};
    use fasttrack_domain::ports::user::MockUserRepository;
    use std::sync::Arc;

    #[test]
    fn user_may_not_read_accounts_whether_they_exist_or_not() {
        for id in [OWNER.id, ADMIN.id, UserId::new(404)] {
            let get = Users { users: Arc::new(MockUserRepository::new()), ..Users::mocked() };
            assert!(matches!(run(get.get(OWNER, id)), Err(Error::Forbidden(_))));
        }
    }

    #[test]
    fn an_admin_sees_whoever_exists() {
        let mut users = MockUserRepository::new();
        users.expect_find().returning(|id| Ok((id == OWNER.id).then(|| user(OWNER))));
        let get = Users { users: Arc::new(users), ..Users::mocked() };
        assert_eq!(run(get.get(ADMIN, OWNER.id)).unwrap(), user(OWNER));
        let missing = run(get.get(ADMIN, UserId::new(404)));
        assert!(matches!(missing, Err(Error::NotFound("user"))));
    }
}
