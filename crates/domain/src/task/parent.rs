//! Tasks under other tasks: no task is under itself, and there are at most [`MAX_LEVELS`] levels.

use crate::{field::Invalid, id::TaskId};
use std::collections::HashMap;

/// The most levels of tasks, the uppermost included.
pub const MAX_LEVELS: usize = 5;

/// What [`Lineages`] are needed of.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LineageRequest {
    /// The tasks that others are put under.
    pub parents: Vec<TaskId>,
    /// The stored tasks that are put under one of them; none for new tasks.
    pub tasks: Vec<TaskId>,
}

/// Where tasks of one project stand in its hierarchy, read in one snapshot.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Lineages {
    /// For each parent that is a task of the project: itself, the task above it, and so on up to the uppermost.
    pub ancestors: HashMap<TaskId, Vec<TaskId>>,
    /// For each task the number of levels from itself down, at least 1, without what is under another task of the request.
    pub heights: HashMap<TaskId, usize>,
}

impl Lineages {
    /// Whether the task, or a new one, may be put under `parent`: `unknown_task`, `cycle` or `too_deep` if not.
    pub fn check(&self, parent: TaskId, task: Option<TaskId>) -> Result<(), Invalid> {
        let Some(ancestors) = self.ancestors.get(&parent) else {
            return Err(Invalid::new("unknown_task", "must be the id of a task of the project"));
        };
        if task.is_some_and(|task| ancestors.contains(&task)) {
            return Err(Invalid::new("cycle", "must not be the task itself or one under it"));
        }
        let height = task.and_then(|task| self.heights.get(&task)).copied().unwrap_or(1);
        if ancestors.len() + height > MAX_LEVELS {
            return Err(Invalid::new("too_deep", format!("must leave {MAX_LEVELS} levels of tasks at most")));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// A chain of this many tasks, 1 being the uppermost, and a task 9 with this height.
    fn chain(levels: i64, height: usize) -> Lineages {
        let above = |id: i64| (1..=id).rev().map(TaskId::new).collect();
        Lineages {
            ancestors: (1..=levels).map(|id| (TaskId::new(id), above(id))).collect(),
            heights: HashMap::from([(TaskId::new(9), height), (TaskId::new(1), 5)]),
        }
    }

    #[test]
    fn tasks_have_at_most_five_levels() {
        let code = |parent, task: Option<i64>, height| {
            chain(5, height).check(TaskId::new(parent), task.map(TaskId::new)).map_err(|error| error.code)
        };
        assert_eq!(code(4, None, 1), Ok(()));
        assert_eq!(code(5, None, 1), Err("too_deep"));
        assert_eq!(code(3, Some(9), 2), Ok(()));
        assert_eq!(code(3, Some(9), 3), Err("too_deep"));
        assert_eq!(code(1, Some(9), 4), Ok(()));
    }

    #[test]
    fn no_task_is_under_itself_or_under_a_stranger() {
        let code = |parent, task: i64| {
            chain(3, 1).check(TaskId::new(parent), Some(TaskId::new(task))).map_err(|error| error.code)
        };
        assert_eq!(code(2, 2), Err("cycle"));
        assert_eq!(code(3, 1), Err("cycle"));
        assert_eq!(code(4, 9), Err("unknown_task"));
    }

    /// The ids from this one up, by the parents of all tasks; `None` if they go in a circle.
    fn ancestors(parents: &[Option<usize>], mut id: usize) -> Option<Vec<usize>> {
        let mut above = vec![id];
        while let Some(next) = parents[id] {
            if above.contains(&next) {
                return None;
            }
            above.push(next);
            id = next;
        }
        Some(above)
    }

    proptest! {
        #[test]
        fn hierarchy_stays_sound_after_any_moves(moves in prop::collection::vec((0usize..12, 0usize..12), 0..80)) {
            let mut parents = vec![None; 12];
            let id = |place: usize| TaskId::new(i64::try_from(place).unwrap());
            for (task, parent) in moves {
                let above = ancestors(&parents, parent).unwrap();
                let depths = (0..12).filter_map(|other| {
                    ancestors(&parents, other)?.iter().position(|ancestor| *ancestor == task)
                });
                let lineages = Lineages {
                    ancestors: HashMap::from([(id(parent), above.into_iter().map(id).collect())]),
                    heights: HashMap::from([(id(task), depths.max().unwrap_or(0) + 1)]),
                };
                if lineages.check(id(parent), Some(id(task))).is_ok() {
                    parents[task] = Some(parent);
                }
                for other in 0..12 {
                    prop_assert!(ancestors(&parents, other).is_some_and(|above| above.len() <= MAX_LEVELS));
                }
            }
        }
    }
}
