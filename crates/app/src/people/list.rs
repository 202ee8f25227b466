use super::People;
use crate::Error;
use fasttrack_domain::{
    page::{Page, PageRequest},
    person::Person,
    policy::{Action, Actor},
};

#[derive(Clone, Copy, Debug)]
pub struct ListPeople {
    pub actor: Actor,
    pub page: PageRequest,
}

impl People {
    // @spec SPEC-020
    /// The active users that share a project with the actor, and the actor; all active users for an administrator.
    #[tracing::instrument(name = "people.list", skip_all)]
    pub async fn list(&self, command: ListPeople) -> Result<Page<Person>, Error> {
        let ListPeople { actor, page } = command;
        let reader = (!actor.can(Action::ListAllPeople)).then_some(actor.id);
        Ok(self.people.list(reader, page).await?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixtures::{ADMIN, OWNER, run, user};
    use fasttrack_domain::{page::Cursor, ports::people::MockPeopleRepository};
    use std::sync::Arc;

    #[test]
    fn users_see_whom_they_share_projects_with_and_an_admin_all() {
        for (actor, reader) in [(OWNER, Some(OWNER.id)), (ADMIN, None)] {
            let page = PageRequest { cursor: Some(Cursor::after(3)), ..PageRequest::default() };
            let found = Page { items: vec![user(OWNER).person()], next: None };
            let answer = found.clone();
            let mut people = MockPeopleRepository::new();
            people
                .expect_list()
                .times(1)
                .withf(move |given, asked| (*given, *asked) == (reader, page))
                .return_once(|_, _| Ok(answer));
            assert_eq!(run(People { people: Arc::new(people) }.list(ListPeople { actor, page })).unwrap(), found);
        }
    }
}
