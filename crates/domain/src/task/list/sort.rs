//! Orders of lists.

use crate::{field::Invalid, string_enum::string_enum, task::Task};
use std::{cmp::Ordering, fmt, str::FromStr};

/// The field that a list is ordered by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum TaskOrder {
    #[default]
    Id,
    /// The order that people gave to the tasks of a project.
    Position,
    Due,
    Priority,
    UpdatedAt,
}

string_enum!(TaskOrder {
    Id = "id",
    Position = "position",
    Due = "due",
    Priority = "priority",
    UpdatedAt = "updated_at",
});

/// An order and its direction. Tasks that are equal in it are ordered by ascending id in both directions, and tasks
/// without `due` come last in both.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct TaskSort {
    pub order: TaskOrder,
    pub descending: bool,
}

impl TaskSort {
    /// Whether this is the default: by ascending id.
    pub fn is_by_id(self) -> bool {
        self == Self::default()
    }

    pub fn compare(self, a: &Task, b: &Task) -> Ordering {
        let directed = |order: Ordering| if self.descending { order.reverse() } else { order };
        let order = match self.order {
            TaskOrder::Id => directed(a.id.cmp(&b.id)),
            TaskOrder::Position => directed(a.position().cmp(&b.position())),
            TaskOrder::Due => match (a.due, b.due) {
                (Some(a), Some(b)) => directed(a.at().cmp(&b.at())),
                (a, b) => a.is_none().cmp(&b.is_none()),
            },
            TaskOrder::Priority => directed(a.priority.rank().cmp(&b.priority.rank())),
            TaskOrder::UpdatedAt => directed(a.updated_at.cmp(&b.updated_at)),
        };
        order.then(a.id.cmp(&b.id))
    }
}

impl FromStr for TaskSort {
    type Err = Invalid;

    /// Accepts the name of an order, with `-` before it for descending.
    fn from_str(raw: &str) -> Result<Self, Invalid> {
        let (descending, name) = match raw.strip_prefix('-') {
            Some(name) => (true, name),
            None => (false, raw),
        };
        let message = "must be `id`, `position`, `due`, `priority` or `updated_at`, with `-` before it for descending";
        let order = name.parse().map_err(|_| Invalid::new("invalid", message))?;
        Ok(Self { order, descending })
    }
}

impl fmt::Display for TaskSort {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", if self.descending { "-" } else { "" }, self.order)
    }
}
