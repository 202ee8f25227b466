//! People: all that one user sees of another.

use fasttrack_domain::person::Person;
use serde::Serialize;
use utoipa::ToSchema;

/// A user, as other users see it.
#[derive(Serialize, ToSchema)]
#[schema(as = Person, example = json!({"id": 2, "display_name": "Ben"}))]
pub struct PersonPayload {
    id: i64,
    /// The current name.
    display_name: String,
}

impl From<Person> for PersonPayload {
    fn from(person: Person) -> Self {
        Self { id: person.id.get(), display_name: person.display_name.into() }
    }
}
