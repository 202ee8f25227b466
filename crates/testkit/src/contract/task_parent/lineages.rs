//! Where tasks stand in the hierarchy of a project.

use super::shared::{Ports, given_chain, given_project};
use fasttrack_domain::{
    id::{ProjectId, TaskId},
    task::{LineageRequest, Lineages},
};
use std::collections::HashMap;

async fn find(ports: &Ports, project: ProjectId, parents: &[TaskId], tasks: &[TaskId]) -> Lineages {
    let request = LineageRequest { parents: parents.to_vec(), tasks: tasks.to_vec() };
    ports.tasks.find_lineages(project, request).await.unwrap()
}

/// A parent begins its list. A task without any under it has one level.
pub(super) async fn lineages_are_found_up_and_down(ports: &Ports) {
    let project = given_project(ports).await;
    let [first, second, third, fourth, fifth] = given_chain(ports, project, None, 5).await.try_into().unwrap();
    let [short] = given_chain(ports, project, Some(first), 1).await.try_into().unwrap();
    let [alone] = given_chain(ports, project, None, 1).await.try_into().unwrap();
    let found = find(ports, project, &[fifth, first, short, alone], &[]).await;
    let ancestors = [
        (fifth, vec![fifth, fourth, third, second, first]),
        (first, vec![first]),
        (short, vec![short, first]),
        (alone, vec![alone]),
    ];
    assert_eq!(found, Lineages { ancestors: HashMap::from(ancestors), heights: HashMap::new() });
    for (task, height) in [(first, 5), (second, 4), (fourth, 2), (fifth, 1), (short, 1), (alone, 1)] {
        let expected = Lineages { ancestors: HashMap::new(), heights: HashMap::from([(task, height)]) };
        assert_eq!(find(ports, project, &[], &[task]).await, expected);
    }
    let found = find(ports, project, &[second], &[short, alone]).await;
    assert_eq!(found.ancestors, HashMap::from([(second, vec![second, first])]));
    assert_eq!(found.heights, HashMap::from([(short, 1), (alone, 1)]));
    assert_eq!(find(ports, project, &[], &[]).await, Lineages::default());
}

/// Tasks of other projects, and those that don't exist, are left out.
pub(super) async fn a_lineage_ends_at_the_project(ports: &Ports) {
    let (project, other) = (given_project(ports).await, given_project(ports).await);
    let own = given_chain(ports, project, None, 2).await;
    let foreign = given_chain(ports, other, None, 2).await;
    let nothing = TaskId::new(i64::MAX);
    let every = [own[1], foreign[1], nothing];
    let found = find(ports, project, &every, &every).await;
    assert_eq!(found.ancestors, HashMap::from([(own[1], vec![own[1], own[0]])]));
    assert_eq!(found.heights, HashMap::from([(own[1], 1)]));
    assert_eq!(find(ports, ProjectId::new(i64::MAX), &every, &every).await, Lineages::default());
}

/// These go elsewhere, with what is under them.
pub(super) async fn heights_leave_out_other_requested_tasks(ports: &Ports) {
    let project = given_project(ports).await;
    let chain = given_chain(ports, project, None, 5).await;
    let found = find(ports, project, &[], &[chain[0], chain[2], chain[4]]).await;
    assert_eq!(found.heights, HashMap::from([(chain[0], 2), (chain[2], 2), (chain[4], 1)]));
    let found = find(ports, project, &[], &[chain[1], chain[3]]).await;
    assert_eq!(found.heights, HashMap::from([(chain[1], 2), (chain[3], 2)]));
    let short = given_chain(ports, project, Some(chain[0]), 2).await;
    let found = find(ports, project, &[], &chain[..2]).await;
    assert_eq!(found.heights, HashMap::from([(chain[0], 3), (chain[1], 4)]), "{short:?} stay under the first");
}
