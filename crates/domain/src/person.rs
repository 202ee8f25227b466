//! People: all that one user sees of another.

use crate::{api_token::reach::Reach, id::UserId, text::DisplayName};

/// A user, without what belongs to the account.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Person {
    pub id: UserId,
    pub display_name: DisplayName,
}

/// The people that a list is limited to: active users who share a project with the reader, and the reader.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PeopleFilter {
    pub reader: UserId,
    /// Whether people are listed that share no project with the reader.
    pub all: bool,
    /// Only members of these projects, and the reader.
    pub reach: Reach,
}

impl PeopleFilter {
    /// Everybody who shares a project with `reader`.
    pub const fn of(reader: UserId) -> Self {
        Self { reader, all: false, reach: Reach::All }
    }

    /// All active users.
    pub const fn all(reader: UserId) -> Self {
        Self { reader, all: true, reach: Reach::All }
    }
}

impl Person {
    /// The name of a user whose account was erased.
    pub fn deleted_name() -> DisplayName {
        DisplayName::deleted()
    }

    /// A user whose account was erased.
    pub fn deleted(id: UserId) -> Self {
        Self { id, display_name: Self::deleted_name() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn name_of_an_erased_user_is_a_valid_one() {
        let name = Person::deleted(UserId::new(5)).display_name;
        assert_eq!(name.as_str(), "Deleted user");
        assert_eq!(DisplayName::parse(name.as_str().to_owned()), Ok(name));
    }
}
