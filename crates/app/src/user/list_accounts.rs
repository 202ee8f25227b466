use super::Users;
use crate::Error;
use fasttrack_domain::{
    page::{Page, PageRequest},
    user::{User, UserFilter},
};

impl Users {
    /// Lists all accounts by ascending id, for an operator: no permission is checked.
    pub async fn list_accounts(&self, page: PageRequest) -> Result<Page<User>, Error> {
        Ok(self.users.list(UserFilter::default(), page).await?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixtures::{ADMIN, OWNER, run, user};
    use fasttrack_domain::{page::Cursor, ports::user::MockUserRepository};
    use std::sync::Arc;

    #[test]
    fn every_account_is_listed_page_by_page() {
        let page = PageRequest { cursor: Some(Cursor::after(3)), ..PageRequest::default() };
        let found = Page { items: vec![user(OWNER), user(ADMIN)], next: None };
        let answer = found.clone();
        let mut users = MockUserRepository::new();
        users
            .expect_list()
            .times(1)
            .withf(move |filter, asked| *filter == UserFilter::default() && *asked == page)
            .return_once(|_, _| Ok(answer));
        let list = Users { users: Arc::new(users), ..Users::mocked() };
        assert_eq!(run(list.list_accounts(page)).unwrap(), found);
    }
}
