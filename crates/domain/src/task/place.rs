//! Moves of tasks in the order that people give to a project's tasks.

use super::{Task, TaskChange, TaskInProject};
use crate::{
    Timestamp,
    id::{TaskId, UserId},
    position::{NoRoom, Position},
};

/// Where a task is moved to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// Before all others.
    First,
    After(TaskId),
    Before(TaskId),
}

impl Place {
    /// The task that the moved one is put beside.
    pub const fn neighbor(self) -> Option<TaskId> {
        match self {
            Self::First => None,
            Self::After(id) | Self::Before(id) => Some(id),
        }
    }

    /// The field of a request that names the place.
    pub const fn field(self) -> &'static str {
        match self {
            Self::First | Self::After(_) => "after",
            Self::Before(_) => "before",
        }
    }
}

/// The two neighbors of a place, without the task that is moved there. Absent at an end of the order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Gap {
    pub before: Option<Position>,
    pub after: Option<Position>,
}

impl TaskInProject {
    /// Moves the task between two neighbors. The move is a new version also where it leaves the order as it is.
    pub fn move_to(&self, gap: &Gap, actor_id: UserId, now: Timestamp) -> Result<TaskChange, NoRoom> {
        let position = Position::between(gap.before.as_ref(), gap.after.as_ref())?;
        Ok(self.change_to(Task { moved_to: Some(position), ..self.task.clone() }, actor_id, now))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_named_by_its_neighbor_and_a_field() {
        let id = TaskId::new(9);
        let places = [Place::First, Place::After(id), Place::Before(id)];
        assert_eq!(places.map(Place::neighbor), [None, Some(id), Some(id)]);
        assert_eq!(places.map(Place::field), ["after", "after", "before"]);
    }
}
