//! People: all that one user sees of another.

use crate::{id::UserId, text::DisplayName};

/// A user, without what belongs to the account.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Person {
    pub id: UserId,
    pub display_name: DisplayName,
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
