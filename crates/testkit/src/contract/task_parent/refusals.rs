//! Parents that are refused, and those that aren't.

use super::shared::{Ports, create, find, given_chain, given_project, is_committed, level, under};
use crate::{
    builders::{MOMENT, NOBODY, after, new_task, title},
    contract::conflict,
    given,
};
use fasttrack_domain::{
    id::TaskId,
    patch::Patch,
    ports::constraint,
    task::{NewTask, TaskInProject, TaskPatch},
};

/// Of another project, deleted, or never there: `Conflict` with `PARENT`. Nothing is created or changed.
pub(super) async fn a_parent_of_no_task_of_the_project_is_refused(ports: &Ports) {
    let (project, other) = (given_project(ports).await, given_project(ports).await);
    let (task, foreign) = (given::task(ports, project).await, given::task(ports, other).await);
    let gone = given::task(ports, project).await;
    let found = find(ports, gone.id).await;
    assert!(ports.tasks.delete(found.remove(found.project.owner_id, MOMENT)).await.unwrap());
    let before = find(ports, task.id).await;
    let mut last = gone.id;
    for parent in [foreign.id, gone.id, TaskId::new(0), TaskId::new(i64::MAX)] {
        assert_eq!(conflict(create(ports, project, Some(parent)).await), constraint::PARENT, "{parent}");
        let change = under(ports, task.id, parent).await;
        assert_eq!(conflict(ports.tasks.save(change).await), constraint::PARENT, "{parent}");
        assert_eq!(find(ports, task.id).await, before);
        // A quota that is left for one task is still there.
        let new = NewTask { quota: 2, ..new_task(&before.project) };
        let next = ports.tasks.create(new, None).await.unwrap();
        assert!(next.id > last);
        last = next.id;
        let found = find(ports, next.id).await;
        assert!(ports.tasks.delete(found.remove(found.project.owner_id, MOMENT)).await.unwrap());
    }
}

/// Neither a new one, nor one that is there, nor what is under that.
pub(super) async fn no_task_is_put_below_the_fifth_level(ports: &Ports) {
    let project = given_project(ports).await;
    let chain = given_chain(ports, project, None, 5).await;
    assert_eq!(conflict(create(ports, project, Some(chain[4])).await), constraint::PARENT);
    for height in 1..=5 {
        let moved = given_chain(ports, project, None, height).await;
        for (place, parent) in chain.iter().enumerate().rev() {
            let before = find(ports, moved[0]).await;
            let saved = ports.tasks.save(under(ports, moved[0], *parent).await).await;
            // The parent is on level `place` + 1.
            let is_allowed = place + 1 + height <= 5;
            assert_eq!(is_committed(saved), is_allowed, "{height} under {}", place + 1);
            if is_allowed {
                assert_eq!(level(ports, moved[height - 1]).await, place + 1 + height);
            } else {
                assert_eq!(find(ports, moved[0]).await, before);
            }
        }
    }
}

/// A task is under itself or under what is under it: `Conflict` with `PARENT`.
pub(super) async fn a_circle_is_refused(ports: &Ports) {
    let project = given_project(ports).await;
    let chain = given_chain(ports, project, None, 4).await;
    for (place, task) in chain.iter().enumerate() {
        let before = find(ports, *task).await;
        for parent in &chain[place..] {
            let change = under(ports, *task, *parent).await;
            assert_eq!(conflict(ports.tasks.save(change).await), constraint::PARENT, "{task} under {parent}");
        }
        assert_eq!(find(ports, *task).await, before);
    }
}

pub(super) async fn a_task_leaves_its_parent_with_what_is_under_it(ports: &Ports) {
    let project = given_project(ports).await;
    let chain = given_chain(ports, project, None, 5).await;
    let found = find(ports, chain[2]).await;
    let patch = TaskPatch { parent_id: Patch::Clear, ..TaskPatch::default() };
    let change = found.apply(patch, found.project.owner_id, after(5)).unwrap().unwrap();
    let saved = ports.tasks.save(change.clone()).await.unwrap();
    assert_eq!(saved.as_ref(), Some(&change.task));
    assert_eq!(find(ports, chain[2]).await, TaskInProject { task: change.task, ..found });
    assert_eq!((level(ports, chain[4]).await, level(ports, chain[1]).await), (3, 2));
    // What was under it may be above it now.
    assert!(is_committed(ports.tasks.save(under(ports, chain[0], chain[4]).await).await));
    assert_eq!(level(ports, chain[1]).await, 5);
}

/// A change that leaves the parent as it is isn't checked.
pub(super) async fn other_changes_are_committed_at_the_fifth_level(ports: &Ports) {
    let project = given_project(ports).await;
    let chain = given_chain(ports, project, None, 5).await;
    for task in chain {
        let found = ports.tasks.find(task, NOBODY).await.unwrap().unwrap();
        let patch = TaskPatch { title: Some(title("Renamed")), ..TaskPatch::default() };
        let change = found.apply(patch, found.project.owner_id, after(5)).unwrap().unwrap();
        assert_eq!(ports.tasks.save(change.clone()).await.unwrap(), Some(change.task));
    }
}
