//! In a file of its own, as the policy and tokens need roles, and accounts need both.

use crate::string_enum::string_enum;

/// A user's role; see [`policy`](crate::policy) for its rights.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(rename_all = "snake_case"))]
pub enum Role {
    /// An administrator may do everything that an owner may, and manage users.
    Admin,
    /// A user may own projects and work on assigned tasks.
    User,
}

string_enum!(Role { Admin = "admin", User = "user" });
