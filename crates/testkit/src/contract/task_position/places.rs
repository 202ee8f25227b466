//! Places and their neighbors, and where tasks stand that were moved there.

use super::shared::{Ports, find, gap, given_project, given_tasks, move_in, order};
use crate::{
    builders::{NOBODY, new_task},
    contract::TestRng,
    given,
};
use fasttrack_domain::{
    id::TaskId,
    position::Position,
    task::{Gap, Place},
};

/// Where ids get another digit, too. Storage computes the same positions as the domain.
pub(super) async fn new_tasks_stand_in_the_order_of_their_ids(ports: &Ports) {
    let project = given_project(ports).await;
    let new = new_task(&ports.tasks.find_project(project, NOBODY).await.unwrap().unwrap());
    let created = ports.tasks.create_all(vec![new; 300], None).await.unwrap();
    let ids: Vec<_> = created.iter().map(|task| task.id).collect();
    assert_eq!(order(ports, project).await, ids);
    for place in [0, 13, 14, 15, 16, 17, 254, 255, 256, 257, 298] {
        let found = gap(ports, ids[299], Place::Before(ids[place])).await;
        let before = place.checked_sub(1).map(|place| Position::initial(ids[place]));
        assert_eq!(found, Gap { before, after: Some(Position::initial(ids[place])) });
    }
}

/// The moved task isn't one of them. An end of the list has one neighbor or none.
pub(super) async fn the_neighbors_of_a_place_are_found(ports: &Ports) {
    let project = given_project(ports).await;
    // Tasks of another project stand between these.
    let other = given_project(ports).await;
    let mut ids = Vec::new();
    for _ in 0..4 {
        ids.push(given::task(ports, project).await.id);
        given::task(ports, other).await;
    }
    let position = |place: usize| Some(Position::initial(ids[place]));
    for (moved, place, before, behind) in [
        (0, Place::First, None, position(1)),
        (2, Place::First, None, position(0)),
        (0, Place::Before(ids[1]), None, position(1)),
        (0, Place::After(ids[1]), position(1), position(2)),
        (1, Place::After(ids[0]), position(0), position(2)),
        (1, Place::Before(ids[2]), position(0), position(2)),
        (0, Place::After(ids[3]), position(3), None),
        (3, Place::After(ids[2]), position(2), None),
    ] {
        assert_eq!(gap(ports, ids[moved], place).await, Gap { before, after: behind }, "{moved} {place:?}");
    }
    let [alone] = given_tasks(ports, given_project(ports).await, 1).await.try_into().unwrap();
    assert_eq!(gap(ports, alone, Place::First).await, Gap::default());
}

/// `Ok(None)`.
pub(super) async fn a_place_beside_no_task_of_the_project_is_not_found(ports: &Ports) {
    let project = given_project(ports).await;
    let task = given::task(ports, project).await.id;
    let foreign = given::task(ports, given_project(ports).await).await.id;
    for id in [foreign, TaskId::new(0), TaskId::new(i64::MAX)] {
        for place in [Place::After(id), Place::Before(id)] {
            assert_eq!(ports.tasks.find_gap(project, task, place).await.unwrap(), None, "{place:?}");
        }
    }
}

pub(super) async fn a_moved_task_stands_at_its_place(ports: &Ports) {
    let project = given_project(ports).await;
    let mut expected = given_tasks(ports, project, 5).await;
    let ids = expected.clone();
    let neighbors = ids.iter().flat_map(|id| [Place::After(*id), Place::Before(*id)]);
    for place in neighbors.chain([Place::First]) {
        for moved in ids.iter().filter(|id| place.neighbor() != Some(**id)) {
            let task = given::moved(ports, *moved, place).await;
            move_in(&mut expected, *moved, place);
            assert_eq!(order(ports, project).await, expected, "{moved} {place:?}");
            assert_eq!(find(ports, *moved).await.task, task);
        }
    }
}

/// One of a request with many, too.
pub(super) async fn a_new_task_comes_after_moved_ones(ports: &Ports) {
    let project = given_project(ports).await;
    let mut expected = given_tasks(ports, project, 3).await;
    for _ in 0..3 {
        let last = expected[expected.len() - 1];
        let first = expected[0];
        given::moved(ports, first, Place::After(last)).await;
        move_in(&mut expected, first, Place::After(last));
        expected.push(given::task(ports, project).await.id);
        let new = new_task(&find(ports, first).await.project);
        let created = ports.tasks.create_all(vec![new; 2], None).await.unwrap();
        expected.extend(created.into_iter().map(|task| task.id));
        assert_eq!(order(ports, project).await, expected);
    }
}

pub(super) async fn random_moves_leave_the_order_that_they_give(ports: &Ports) {
    for seed in 1..=3 {
        let mut rng = TestRng::new(seed);
        let project = given_project(ports).await;
        let mut expected = given_tasks(ports, project, 20).await;
        for step in 0..60 {
            let [moved, neighbor] = [expected[rng.below(20)], expected[rng.below(20)]];
            let place = match rng.below(5) {
                0 => Place::First,
                1 | 2 => Place::After(neighbor),
                _ => Place::Before(neighbor),
            };
            if place.neighbor() != Some(moved) {
                given::moved(ports, moved, place).await;
                move_in(&mut expected, moved, place);
            }
            if step % 6 == 5 {
                assert_eq!(order(ports, project).await, expected, "seed {seed}, step {step}");
            }
        }
    }
}
