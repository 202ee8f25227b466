//! The state machine and the priority of tasks. In a file of its own, as events need it, and tasks need events.

use crate::string_enum::string_enum;

/// The state of a task.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(rename_all = "snake_case"))]
pub enum TaskStatus {
    #[default]
    Todo,
    InProgress,
    Done,
}

string_enum!(TaskStatus { Todo = "todo", InProgress = "in_progress", Done = "done" });

// @spec SPEC-003
impl TaskStatus {
    /// Whether the state machine allows the step: one step either way along todo – in progress – done, or none.
    pub fn allows(self, next: Self) -> bool {
        !matches!((self, next), (Self::Todo, Self::Done) | (Self::Done, Self::Todo))
    }
}

/// The state machine doesn't allow this step.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a task can't go from `{from}` to `{to}` in one step; the next may be {}", steps(*.from))]
pub struct InvalidTransition {
    pub from: TaskStatus,
    pub to: TaskStatus,
}

/// The statuses that may follow `status`, as a list for an error message.
fn steps(status: TaskStatus) -> String {
    let next = TaskStatus::ALL.iter().filter(|next| **next != status && status.allows(**next));
    next.map(|next| format!("`{next}`")).collect::<Vec<_>>().join(" or ")
}

/// The urgency of a task.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(rename_all = "snake_case"))]
pub enum TaskPriority {
    Low,
    #[default]
    Medium,
    High,
}

string_enum!(TaskPriority { Low = "low", Medium = "medium", High = "high" });

impl TaskPriority {
    /// The place in the order from the lowest, 0, to the highest.
    pub const fn rank(self) -> u8 {
        match self {
            Self::Low => 0,
            Self::Medium => 1,
            Self::High => 2,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn refused_step_names_those_that_are_allowed() {
        let message = |from, to| InvalidTransition { from, to }.to_string();
        assert!(message(TaskStatus::Todo, TaskStatus::Done).ends_with("the next may be `in_progress`"));
        assert_eq!(steps(TaskStatus::InProgress), "`todo` or `done`");
    }

    #[test]
    fn priorities_ascend_from_0_to_2() {
        assert_eq!([TaskPriority::Low, TaskPriority::Medium, TaskPriority::High].map(TaskPriority::rank), [0, 1, 2]);
    }
}
