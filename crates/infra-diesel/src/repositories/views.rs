//! What reads add to an entity: the reader's role, and the names of people.

use super::Error;
use fasttrack_domain::{id::UserId, membership::MemberRole, person::Person, text::DisplayName};

/// The role of a member of this project; `None` for a user who is no member.
pub(super) fn membership(project: i64, role: Option<String>) -> Result<Option<MemberRole>, Error> {
    role.map(|role| role.parse().map_err(Error::corrupt("members", project))).transpose()
}

/// The user with this id, under its present name.
pub(super) fn person(id: i64, display_name: String) -> Result<Person, Error> {
    let display_name = DisplayName::parse(display_name).map_err(Error::corrupt("users", id))?;
    Ok(Person { id: UserId::new(id), display_name })
}
