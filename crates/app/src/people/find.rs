use super::People;
use crate::Error;
use fasttrack_domain::{email::Email, person::Person};

impl People {
    // @spec SPEC-020
    /// The active user with this address. Whoever knows an address may find its owner.
    #[tracing::instrument(name = "people.find", skip_all)]
    pub async fn find(&self, email: &Email) -> Result<Option<Person>, Error> {
        Ok(self.people.find_by_email(email).await?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixtures::{OWNER, email, run, user};
    use fasttrack_domain::ports::people::MockPeopleRepository;
    use std::sync::Arc;

    #[test]
    fn owner_of_an_address_is_found_by_it() {
        let mut people = MockPeopleRepository::new();
        people.expect_find_by_email().returning(|asked| Ok((*asked == email()).then(|| user(OWNER).person())));
        let people = People { people: Arc::new(people) };
        assert_eq!(run(people.find(&email())).unwrap(), Some(user(OWNER).person()));
        assert_eq!(run(people.find(&Email::parse("bob@example.org").unwrap())).unwrap(), None);
    }
}
