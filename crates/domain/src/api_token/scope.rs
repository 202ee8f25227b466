//! Scopes: the groups of operations that an API token is allowed.

use crate::{field::Invalid, string_enum::string_enum};
use std::{fmt, str::FromStr};

/// A group of operations. The ones that write include those that read the same things.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(try_from = "String", into = "String")
)]
pub enum Scope {
    /// Read projects, their members, labels, statistics and invitations, and people.
    ProjectsRead,
    ProjectsWrite,
    /// Read tasks and todos.
    TasksRead,
    TasksWrite,
    CommentsRead,
    CommentsWrite,
    /// Read notifications, live too.
    NotificationsRead,
    NotificationsWrite,
    WebhooksRead,
    WebhooksWrite,
}

string_enum!(Scope {
    ProjectsRead = "projects:read",
    ProjectsWrite = "projects:write",
    TasksRead = "tasks:read",
    TasksWrite = "tasks:write",
    CommentsRead = "comments:read",
    CommentsWrite = "comments:write",
    NotificationsRead = "notifications:read",
    NotificationsWrite = "notifications:write",
    WebhooksRead = "webhooks:read",
    WebhooksWrite = "webhooks:write",
});

impl TryFrom<String> for Scope {
    type Error = Invalid;

    fn try_from(raw: String) -> Result<Self, Invalid> {
        raw.parse()
    }
}

impl From<Scope> for String {
    fn from(scope: Scope) -> Self {
        scope.as_str().to_owned()
    }
}

impl Scope {
    /// The scope that includes this one; itself for a scope that writes.
    const fn writing(self) -> Self {
        match self {
            Self::ProjectsRead | Self::ProjectsWrite => Self::ProjectsWrite,
            Self::TasksRead | Self::TasksWrite => Self::TasksWrite,
            Self::CommentsRead | Self::CommentsWrite => Self::CommentsWrite,
            Self::NotificationsRead | Self::NotificationsWrite => Self::NotificationsWrite,
            Self::WebhooksRead | Self::WebhooksWrite => Self::WebhooksWrite,
        }
    }

    const fn bit(self) -> u16 {
        1 << self as u16
    }
}

// @spec SPEC-024
/// A set of scopes. Its text form, in storage and on the command line, has a space between two scopes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(from = "Vec<Scope>", into = "Vec<Scope>")
)]
pub struct Scopes(u16);

impl Scopes {
    /// Accepts at least one scope. Equal ones collapse.
    pub fn parse(scopes: Vec<Scope>) -> Result<Self, Invalid> {
        if scopes.is_empty() {
            return Err(Invalid::new("too_few", "must have at least one scope"));
        }
        Ok(scopes.into())
    }

    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// Whether the set has this very scope.
    pub const fn contains(self, scope: Scope) -> bool {
        self.0 & scope.bit() != 0
    }

    /// Whether an operation of this scope is allowed: the set has it, or the one that writes the same things.
    pub const fn allow(self, scope: Scope) -> bool {
        self.contains(scope) || self.contains(scope.writing())
    }

    /// Whether the set has a scope of notifications, which belong to no project.
    pub const fn has_notifications(self) -> bool {
        self.allow(Scope::NotificationsRead)
    }

    /// The scopes in the order of [`Scope::ALL`].
    pub fn iter(self) -> impl Iterator<Item = Scope> {
        Scope::ALL.iter().copied().filter(move |scope| self.contains(*scope))
    }
}

impl FromIterator<Scope> for Scopes {
    fn from_iter<I: IntoIterator<Item = Scope>>(scopes: I) -> Self {
        Self(scopes.into_iter().fold(0, |bits, scope| bits | scope.bit()))
    }
}

impl From<Vec<Scope>> for Scopes {
    fn from(scopes: Vec<Scope>) -> Self {
        scopes.into_iter().collect()
    }
}

impl From<Scopes> for Vec<Scope> {
    fn from(scopes: Scopes) -> Self {
        scopes.iter().collect()
    }
}

impl fmt::Display for Scopes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (place, scope) in self.iter().enumerate() {
            if place > 0 {
                f.write_str(" ")?;
            }
            f.write_str(scope.as_str())?;
        }
        Ok(())
    }
}

impl FromStr for Scopes {
    type Err = Invalid;

    /// Parses scopes in any order with spaces or commas between them, and then does what [`parse`](Self::parse) does.
    fn from_str(raw: &str) -> Result<Self, Invalid> {
        let scopes = raw.split([' ', ',']).filter(|scope| !scope.is_empty());
        Self::parse(scopes.map(str::parse::<Scope>).collect::<Result<_, Invalid>>()?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::{prelude::*, sample::subsequence};

    #[test]
    fn writing_includes_reading_and_not_the_reverse() {
        let writes = Scopes::from_iter([Scope::TasksWrite]);
        assert!(writes.allow(Scope::TasksWrite) && writes.allow(Scope::TasksRead));
        assert!(!writes.contains(Scope::TasksRead));
        assert!(!Scopes::from_iter([Scope::TasksRead]).allow(Scope::TasksWrite));
    }

    #[test]
    fn a_scope_allows_nothing_of_another_resource() {
        for scope in Scope::ALL {
            let allowed = Scopes::from_iter([*scope]);
            for other in Scope::ALL.iter().filter(|other| other.writing() != scope.writing()) {
                assert!(!allowed.allow(*other), "{scope} allows {other}");
            }
            assert!(!Scopes::default().allow(*scope), "{scope}");
        }
    }

    #[test]
    fn each_scope_is_a_resource_and_what_is_done() {
        for scope in Scope::ALL {
            let (resource, act) = scope.as_str().split_once(':').unwrap();
            assert!(["read", "write"].contains(&act), "{scope}");
            assert_eq!(scope.writing().as_str(), format!("{resource}:write"));
        }
    }

    #[test]
    fn only_notification_scopes_are_of_notifications() {
        for scope in Scope::ALL {
            let is_of_notifications = scope.as_str().starts_with("notifications:");
            assert_eq!(Scopes::from_iter([*scope]).has_notifications(), is_of_notifications, "{scope}");
        }
    }

    #[test]
    fn scopes_are_read_from_spaces_and_commas() {
        let scopes = Scopes::from_iter([Scope::ProjectsRead, Scope::TasksWrite]);
        assert_eq!(scopes.to_string(), "projects:read tasks:write");
        for raw in ["tasks:write,projects:read", "tasks:write, projects:read", "projects:read tasks:write tasks:write"]
        {
            assert_eq!(raw.parse(), Ok(scopes), "{raw}");
        }
        for none in ["", " ,"] {
            assert_eq!(none.parse::<Scopes>().map_err(|error| error.code), Err("too_few"), "{none:?}");
        }
        for wrong in ["tasks", "tasks:*", "Tasks:read", "tasks:read;tasks:write", "tasks:read\u{a0}"] {
            assert_eq!(wrong.parse::<Scopes>().map_err(|error| error.code), Err("invalid"), "{wrong}");
        }
    }

    #[test]
    fn scopes_have_the_form_of_the_api() {
        let scopes = [Scope::ProjectsRead, Scope::TasksWrite];
        assert_eq!(scopes.map(String::from), ["projects:read", "tasks:write"]);
        assert_eq!(Vec::<Scope>::from(Scopes::from_iter(scopes)), scopes);
    }

    proptest! {
        #[test]
        fn a_set_keeps_its_scopes_in_their_order(scopes in subsequence(Scope::ALL.to_vec(), 1..=Scope::ALL.len())) {
            let set: Scopes = scopes.iter().rev().copied().collect();
            prop_assert_eq!(set.iter().collect::<Vec<_>>(), scopes);
            prop_assert!(!set.is_empty() && Scopes::default().is_empty());
            prop_assert_eq!(set.to_string().parse::<Scopes>(), Ok(set));
        }
    }
}
