//! In a file of its own, as the policy and events need roles, and members need both.

use crate::string_enum::string_enum;

/// A member's role in a project; see [`policy`](crate::policy) for its rights.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(rename_all = "snake_case"))]
pub enum MemberRole {
    /// The owner may do everything. A project has one.
    Owner,
    /// An editor may also create, change and delete tasks.
    Editor,
    /// A commenter may also comment.
    Commenter,
    /// A viewer may read.
    Viewer,
}

string_enum!(MemberRole { Owner = "owner", Editor = "editor", Commenter = "commenter", Viewer = "viewer" });

impl MemberRole {
    /// The order of the roles: one with a higher rank may do whatever one with a lower rank may.
    pub const fn rank(self) -> u8 {
        match self {
            Self::Viewer => 0,
            Self::Commenter => 1,
            Self::Editor => 2,
            Self::Owner => 3,
        }
    }

    /// The higher of two roles.
    #[must_use]
    pub const fn max(self, other: Self) -> Self {
        if self.rank() >= other.rank() { self } else { other }
    }
}

/// A role that can be given to a member. A project gets another owner by a transfer only.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(rename_all = "snake_case"))]
pub enum GrantedRole {
    Editor,
    Commenter,
    Viewer,
}

string_enum!(GrantedRole { Editor = "editor", Commenter = "commenter", Viewer = "viewer" });

impl From<GrantedRole> for MemberRole {
    fn from(role: GrantedRole) -> Self {
        match role {
            GrantedRole::Editor => Self::Editor,
            GrantedRole::Commenter => Self::Commenter,
            GrantedRole::Viewer => Self::Viewer,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn roles_are_listed_from_the_highest_to_the_lowest() {
        assert!(MemberRole::ALL.is_sorted_by(|higher, lower| higher.rank() > lower.rank()));
    }

    #[test]
    fn the_higher_of_two_roles_is_kept() {
        for a in MemberRole::ALL {
            for b in MemberRole::ALL {
                assert_eq!(a.max(*b), b.max(*a));
                assert_eq!(a.max(*b).rank(), a.rank().max(b.rank()));
            }
        }
    }

    #[test]
    fn every_role_but_the_owners_can_be_given() {
        assert!("owner".parse::<GrantedRole>().is_err());
        for role in GrantedRole::ALL {
            assert_eq!(role.as_str().parse(), Ok(MemberRole::from(*role)));
        }
        assert_eq!(GrantedRole::ALL.len() + 1, MemberRole::ALL.len());
    }
}
