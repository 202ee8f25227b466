//! Finds the tasks under a task.

use fasttrack_domain::task::MAX_LEVELS;
use std::collections::HashSet;

/// Of tasks, each with the one that it is directly under, those under `root`.
pub(super) fn under(root: i64, tasks: &[(i64, Option<i64>)]) -> HashSet<i64> {
    let mut ids = HashSet::from([root]);
    for _ in 1..MAX_LEVELS {
        let is_next = |(_, parent): &&(i64, Option<i64>)| parent.is_some_and(|parent| ids.contains(&parent));
        let next: Vec<_> = tasks.iter().filter(is_next).map(|(id, _)| *id).collect();
        ids.extend(next);
    }
    ids.remove(&root);
    ids
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_taken_out_of_a_tree_is_not_under_it() {
        // 2 was under 7, and has 4 under it.
        let tasks = [(1, Some(3)), (2, None), (3, Some(7)), (4, Some(2)), (7, Some(9)), (8, Some(1)), (9, None)];
        assert_eq!(under(7, &tasks), HashSet::from([1, 3, 8]));
    }
}
