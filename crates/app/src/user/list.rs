use super::Users;
use crate::Error;
use fasttrack_domain::{
    page::{Page, PageRequest},
    policy::{Action, Actor},
    user::{User, UserFilter},
};

#[derive(Clone, Debug)]
pub struct ListUsers {
    pub actor: Actor,
    pub filter: UserFilter,
    pub page: PageRequest,
}

impl Users {
    /// Lists accounts. Fails with [`Error::Forbidden`] for all but administrators.
    #[tracing::instrument(name = "user.list", skip_all)]
    pub async fn list(&self, command: ListUsers) -> Result<Page<User>, Error> {
        command.actor.authorize(Action::ManageUsers)?;
        Ok(self.users.list(command.filter, command.page).await?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixtures::{ADMIN, OWNER, run, user};
    use fasttrack_domain::{page::Cursor, ports::user::MockUserRepository};
    use std::sync::Arc;

    #[test]
    fn only_an_admin_lists_accounts() {
        let list = Users { users: Arc::new(MockUserRepository::new()), ..Users::mocked() };
        let command = ListUsers { actor: OWNER, filter: UserFilter::default(), page: PageRequest::default() };
        assert!(matches!(run(list.list(command)), Err(Error::Forbidden(_))));
    }

    #[test]
    fn storage_filters_and_cuts_the_list() {
        let filter = UserFilter { is_active: Some(true), ..UserFilter::default() };
        let page = PageRequest { cursor: Some(Cursor::after(3)), ..PageRequest::default() };
        let found = Page { items: vec![user(ADMIN)], next: None };
        let (expected, answer) = (filter.clone(), found.clone());
        let mut users = MockUserRepository::new();
        users
            .expect_list()
            .times(1)
            .withf(move |filter, asked| *filter == expected && *asked == page)
            .return_once(|_, _| Ok(answer));
        let list = Users { users: Arc::new(users), ..Users::mocked() };
        assert_eq!(run(list.list(ListUsers { actor: ADMIN, filter, page })).unwrap(), found);
    }
}
