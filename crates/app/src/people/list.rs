use super::People;
use crate::Error;
use fasttrack_domain::{
    page::{Page, PageRequest},
    person::{PeopleFilter, Person},
    policy::{Action, Actor},
};

#[derive(Clone, Debug)]
pub struct ListPeople {
    pub actor: Actor,
    pub page: PageRequest,
}

impl People {
    // @spec SPEC-020
    /// The active users that share a project with the actor, and the actor; all active users for an administrator. By a
    /// token for some projects, those of their members, and the actor.
    #[tracing::instrument(name = "people.list", skip_all)]
    pub async fn list(&self, command: ListPeople) -> Result<Page<Person>, Error> {
        let ListPeople { actor, page } = command;
        let all = actor.can(Action::ListAllPeople);
        Ok(self.people.list(PeopleFilter { reader: actor.id, all, reach: actor.reach }, page).await?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixtures::{ADMIN, OWNER, narrowed, run, user};
    use fasttrack_domain::{page::Cursor, ports::people::MockPeopleRepository};
    use std::sync::Arc;

    #[test]
    fn users_see_whom_they_share_projects_with_and_an_admin_all() {
        for (actor, all) in
            [(OWNER, false), (ADMIN, true), (narrowed(OWNER, &[8, 7]), false), (narrowed(ADMIN, &[8, 7]), true)]
        {
            let expected = PeopleFilter { reader: actor.id, all, reach: actor.reach.clone() };
            let page = PageRequest { cursor: Some(Cursor::after(3)), ..PageRequest::default() };
            let found = Page { items: vec![user(OWNER).person()], next: None };
            let answer = found.clone();
            let mut people = MockPeopleRepository::new();
            people
                .expect_list()
                .times(1)
                .withf(move |filter, asked| *filter == expected && *asked == page)
                .return_once(|_, _| Ok(answer));
            assert_eq!(run(People { people: Arc::new(people) }.list(ListPeople { actor, page })).unwrap(), found);
        }
    }
}
