//! How moves are saved, and moves at the same time.

use super::shared::{Ports, by_position, decide, find, given_project, given_tasks, move_to, order, ordered};
use crate::{
    builders::{NOBODY, after},
    contract::{TestRng, conflict, simultaneously},
    given,
};
use fasttrack_domain::{
    id::TaskId,
    ports::constraint,
    task::{NewTask, Place, Task, TaskPageRequest},
};

pub(super) async fn a_move_changes_nothing_but_the_place_of_one_task(ports: &Ports) {
    let project = given_project(ports).await;
    let ids = given_tasks(ports, project, 3).await;
    let before = ordered(ports, project, false).await;
    let change = decide(ports, ids[2], Place::After(ids[0])).await;
    assert_eq!(ports.tasks.save(change.clone()).await.unwrap().as_ref(), Some(&change.task));
    let [first, second, third] = before.try_into().unwrap();
    let moved = Task { moved_to: change.task.moved_to, updated_at: after(5), version: third.version + 1, ..third };
    assert!(moved.moved_to.is_some());
    assert_eq!(ordered(ports, project, false).await, [first, moved, second]);
}

/// `Conflict` with `POSITION` for the second, of which nothing is committed. Decided again, it is.
pub(super) async fn two_moves_to_one_position_are_a_conflict(ports: &Ports) {
    for n in 0..3 {
        let project = given_project(ports).await;
        let ids = given_tasks(ports, project, 4).await;
        let place = [Place::First, Place::After(ids[0]), Place::Before(ids[1])][n];
        let [first, second] = [decide(ports, ids[2], place).await, decide(ports, ids[3], place).await];
        ports.tasks.save(first).await.unwrap().unwrap();
        let before = find(ports, ids[3]).await;
        assert_eq!(conflict(ports.tasks.save(second).await), constraint::POSITION);
        assert_eq!(find(ports, ids[3]).await, before);
        move_to(ports, ids[3], place).await;
        assert_eq!(order(ports, project).await.len(), 4);
    }
}

/// Each project has an order of its own.
pub(super) async fn tasks_of_two_projects_may_have_one_position(ports: &Ports) {
    let (project, other) = (given_project(ports).await, given_project(ports).await);
    let (ids, others) = (given_tasks(ports, project, 2).await, given_tasks(ports, other, 2).await);
    let moved = given::moved(ports, ids[1], Place::First).await;
    let mut change = decide(ports, others[1], Place::First).await;
    change.task.moved_to.clone_from(&moved.moved_to);
    assert_eq!(ports.tasks.save(change.clone()).await.unwrap(), Some(change.task));
    assert_eq!(find(ports, others[1]).await.task.position(), moved.position());
}

/// They stand beside each other there, in any order.
pub(super) async fn simultaneous_moves_to_one_place_are_all_kept(ports: &Ports) {
    let project = given_project(ports).await;
    let ids = given_tasks(ports, project, 10).await;
    for place in [Place::After(ids[0]), Place::First, Place::Before(ids[1])] {
        simultaneously(8, |i| {
            let (ports, moved) = (ports.clone(), ids[i + 2]);
            async move { move_to(&ports, moved, place).await }
        })
        .await;
        let found = order(ports, project).await;
        let begin = usize::from(place != Place::First);
        let mut moved = found[begin..begin + 8].to_vec();
        moved.sort_unstable();
        assert_eq!(moved, ids[2..], "{place:?}");
        assert_eq!(found.len(), 10);
    }
    for id in &ids[2..] {
        assert_eq!(find(ports, *id).await.task.version, 4);
    }
}

/// The others stand as they stood.
pub(super) async fn simultaneous_moves_of_one_task_are_all_kept(ports: &Ports) {
    let project = given_project(ports).await;
    let ids = given_tasks(ports, project, 11).await;
    simultaneously(10, |i| {
        let (ports, moved, neighbor) = (ports.clone(), ids[10], ids[i]);
        async move { move_to(&ports, moved, Place::After(neighbor)).await }
    })
    .await;
    assert_eq!(find(ports, ids[10]).await.task.version, 11);
    let mut found = order(ports, project).await;
    assert_eq!(found.len(), 11);
    found.retain(|id| *id != ids[10]);
    assert_eq!(found, ids[..10]);
}

/// Tasks that others are moved beside are moved meanwhile.
pub(super) async fn moves_around_each_other_lose_no_task(ports: &Ports) {
    let project = given_project(ports).await;
    let ids = given_tasks(ports, project, 6).await;
    simultaneously(6, |i| {
        let (ports, ids) = (ports.clone(), ids.clone());
        async move {
            let mut rng = TestRng::new(i);
            for _ in 0..6 {
                let neighbor = ids[(i + 1 + rng.below(5)) % 6];
                let place = [Place::First, Place::After(neighbor), Place::Before(neighbor)][rng.below(3)];
                move_to(&ports, ids[i], place).await;
            }
        }
    })
    .await;
    let mut found = order(ports, project).await;
    found.sort_unstable();
    assert_eq!(found, ids);
    for id in ids {
        assert_eq!(find(ports, id).await.task.version, 7);
    }
}

/// In each list that has these tasks.
pub(super) async fn every_reader_sees_the_same_order(ports: &Ports) {
    let (project, owner) = given::project_with_owner(ports).await;
    let assigned = |task| NewTask { assignee_id: Some(owner.id), ..task };
    let mut ids = Vec::new();
    for _ in 0..5 {
        ids.push(given::task_with(ports, project.id, assigned).await.id);
    }
    for (moved, place) in [(4, Place::First), (0, Place::After(ids[2])), (3, Place::Before(ids[1]))] {
        given::moved(ports, ids[moved], place).await;
    }
    let expected: Vec<TaskId> = [4, 3, 1, 2, 0].map(|place| ids[place]).into();
    assert_eq!(order(ports, project.id).await, expected);
    let (query, first) = (by_position(false), TaskPageRequest::default());
    for reader in [owner.id, NOBODY] {
        let listed = ports.tasks.list_in_project(project.id, reader, query.clone(), first.clone()).await;
        let page = listed.unwrap().unwrap().page;
        assert_eq!(page.map(|view| view.task.id).items, expected);
    }
    let pages = [
        ports.tasks.list_assigned(owner.id, query.clone(), first.clone()).await.unwrap(),
        ports.tasks.list_visible(owner.id, false, query.clone(), first.clone()).await.unwrap(),
        ports.tasks.list_visible(NOBODY, true, query, first).await.unwrap(),
    ];
    for page in pages {
        assert_eq!(page.map(|view| view.task.id).items, expected);
    }
}
