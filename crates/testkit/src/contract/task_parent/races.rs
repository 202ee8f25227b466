//! Tasks that are put under each other at the same time.

use super::shared::{Ports, create, delete, exists, given_chain, given_project, is_committed, level, under};
use crate::{builders::NOBODY, contract::simultaneously, given};
use fasttrack_domain::{
    id::TaskId,
    ports::constraint,
    task::{MAX_LEVELS, TaskChange},
};

/// Saves these changes at one moment, and returns the number of those that were committed.
async fn save_all_at_once(ports: &Ports, changes: Vec<TaskChange>) -> usize {
    let saved = simultaneously(changes.len(), |i| {
        let (tasks, change) = (ports.tasks.clone(), changes[i].clone());
        async move { is_committed(tasks.save(change).await) }
    })
    .await;
    saved.into_iter().filter(|committed| *committed).count()
}

/// One is put under the other.
pub(super) async fn simultaneous_moves_make_no_circle(ports: &Ports) {
    let project = given_project(ports).await;
    for _ in 0..10 {
        let [one, other] = [given::task(ports, project).await.id, given::task(ports, project).await.id];
        let changes = vec![under(ports, one, other).await, under(ports, other, one).await];
        assert_eq!(save_all_at_once(ports, changes).await, 1);
        assert_eq!(level(ports, one).await + level(ports, other).await, 3);
    }
}

/// Two of the moves are committed; the third would close the circle.
pub(super) async fn simultaneous_moves_of_three_make_no_circle(ports: &Ports) {
    let project = given_project(ports).await;
    for _ in 0..10 {
        let mut tasks = Vec::new();
        for _ in 0..3 {
            tasks.push(given::task(ports, project).await.id);
        }
        let mut changes = Vec::new();
        for (task, parent) in [(0, 1), (1, 2), (2, 0)] {
            changes.push(under(ports, tasks[task], tasks[parent]).await);
        }
        assert_eq!(save_all_at_once(ports, changes).await, 2);
        let mut levels = Vec::new();
        for task in tasks {
            levels.push(level(ports, task).await);
        }
        levels.sort_unstable();
        assert_eq!(levels, [1, 2, 3]);
    }
}

/// Each of the moves is allowed by itself: one puts more above, the other more below.
pub(super) async fn simultaneous_moves_keep_the_levels(ports: &Ports) {
    let project = given_project(ports).await;
    for _ in 0..10 {
        let upper = given_chain(ports, project, None, 3).await;
        let lower = given_chain(ports, project, None, 2).await;
        let top = given::task(ports, project).await.id;
        let changes = vec![under(ports, lower[0], upper[2]).await, under(ports, upper[0], top).await];
        assert_eq!(save_all_at_once(ports, changes).await, 1);
        for task in upper.into_iter().chain(lower) {
            assert!(level(ports, task).await <= MAX_LEVELS);
        }
    }
}

/// A task is created on the fifth level while all above it go one down.
pub(super) async fn simultaneous_creations_and_moves_keep_the_levels(ports: &Ports) {
    let project = given_project(ports).await;
    for _ in 0..10 {
        let chain = given_chain(ports, project, None, 4).await;
        let top = given::task(ports, project).await.id;
        let change = under(ports, chain[0], top).await;
        let done = simultaneously(2, |i| {
            let (ports, change, lowest) = (ports.clone(), change.clone(), chain[3]);
            async move {
                if i == 0 {
                    is_committed(ports.tasks.save(change).await)
                } else {
                    is_committed(create(&ports, project, Some(lowest)).await)
                }
            }
        })
        .await;
        assert_eq!(done.iter().filter(|done| **done).count(), 1);
        assert!((4..=MAX_LEVELS).contains(&level(ports, chain[3]).await));
    }
}

/// What is put under it goes with it, or is refused.
pub(super) async fn no_task_outlives_a_parent_deleted_at_the_same_time(ports: &Ports) {
    let project = given_project(ports).await;
    for _ in 0..10 {
        let chain = given_chain(ports, project, None, 2).await;
        let moved = [given::task(ports, project).await.id, given::task(ports, project).await.id];
        let changes = [under(ports, moved[0], chain[0]).await, under(ports, moved[1], chain[1]).await];
        let under_deleted: Vec<Option<TaskId>> = simultaneously(9, |i| {
            let (ports, chain, change) = (ports.clone(), chain.clone(), changes[i % 2].clone());
            async move {
                match i {
                    0 => {
                        assert!(delete(&ports, chain[0]).await);
                        None
                    }
                    1 | 2 => match ports.tasks.save(change).await {
                        Ok(saved) => saved.map(|task| task.id),
                        Err(error) => {
                            assert!(error.is_conflict(constraint::PARENT), "{error:?}");
                            None
                        }
                    },
                    _ => match create(&ports, project, Some(chain[i % 2])).await {
                        Ok(task) => Some(task.id),
                        Err(error) => {
                            assert!(error.is_conflict(constraint::PARENT), "{error:?}");
                            None
                        }
                    },
                }
            }
        })
        .await;
        for task in under_deleted.into_iter().flatten() {
            assert!(!exists(ports, task).await, "{task}");
        }
        for task in moved {
            if let Some(found) = ports.tasks.find(task, NOBODY).await.unwrap() {
                assert_eq!(found.task.parent_id, None);
            }
        }
    }
}
