//! What a load does.

use serde::{Deserialize, Serialize};

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Work {
    Read,
    /// Creates with an assignee, in many projects and for many users.
    Create,
    Status,
    /// Creates for one user.
    HotUser,
    /// Creates in one project.
    HotProject,
}

impl Work {
    /// Those that are measured at each load.
    pub(super) const LADDERS: [Self; 3] = [Self::Read, Self::Create, Self::Status];

    /// Those that are compared with [`Create`](Self::Create) at one load.
    pub(super) const HOT: [Self; 2] = [Self::HotUser, Self::HotProject];

    /// The operation, as the load generator names it.
    pub(super) fn operation(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Create => "assigned",
            Self::Status => "status",
            Self::HotUser => "hot-user",
            Self::HotProject => "hot-project",
        }
    }

    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Read => "GET `/tasks/{id}`",
            Self::Create => "POST `/projects/{id}/tasks` with an assignee",
            Self::Status => "PATCH `/tasks/{id}`: status",
            Self::HotUser => "the same, always for one user",
            Self::HotProject => "the same, always in one project",
        }
    }

    /// Whether it makes events.
    pub(super) fn writes(self) -> bool {
        self != Self::Read
    }
}
