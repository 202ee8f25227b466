//! Many tasks that are created at once.

use super::shared::{Ports, events, find, given_project, given_tasks, list, new_tasks};
use crate::{
    builders::{after, due, idempotency, label_ids, new_task, reminders},
    contract::{conflict, simultaneously},
    given,
};
use fasttrack_domain::{
    id::{TaskId, UserId},
    idempotency::{Created, IdempotencyRecord},
    ports::constraint,
    task::{BulkIds, NewTask, TaskPriority, TaskStatus},
};
use std::slice;

/// With ids and events in their order, and with every field.
pub(super) async fn tasks_are_created_in_the_order_of_the_request(ports: &Ports) {
    let project = given_project(ports).await;
    let assignee = given::user(ports).await;
    let labels = [given::label(ports, project.id).await, given::label(ports, project.id).await];
    let parent = given_tasks(ports, project.id, 1).await[0].id;
    events(ports).await;
    let planned = NewTask {
        description: None,
        status: TaskStatus::Done,
        priority: TaskPriority::High,
        assignee_id: Some(assignee.id),
        due: Some(due("2026-12-01")),
        reminders: reminders(&[after(20), after(10)]),
        labels: label_ids(&[labels[0].id, labels[1].id]),
        parent_id: Some(parent),
        ..new_task(&project)
    };
    let other =
        NewTask { due: Some(due("2026-12-01T00:00:00Z")), labels: label_ids(&[labels[1].id]), ..new_task(&project) };
    let new = vec![planned.clone(), new_task(&project), other, planned, new_task(&project)];
    let created = ports.tasks.create_all(new.clone(), None).await.unwrap();
    assert!(created.is_sorted_by(|a, b| a.id < b.id), "{created:?}");
    let expected: Vec<_> = new.iter().zip(&created).map(|(new, task)| new.stored(task.id)).collect();
    assert_eq!(created, expected);
    for task in &created {
        let found = find(ports, task.id).await;
        assert_eq!(found.task, *task);
        assert_eq!(found.assignee, task.assignee_id.map(|_| assignee.person()));
        let expected: Vec<_> = labels.iter().filter(|label| task.labels.contains(label.id)).cloned().collect();
        assert_eq!(found.labels, expected);
    }
    let expected: Vec<_> = new.iter().zip(&created).flat_map(|(new, task)| new.events(task.id)).collect();
    assert_eq!(events(ports).await, expected);
}

/// The first and the last of 500 are found.
pub(super) async fn the_most_tasks_of_a_request_are_created(ports: &Ports) {
    let project = given_project(ports).await;
    let label = given::label(ports, project.id).await;
    let planned = |new| NewTask { labels: label_ids(&[label.id]), reminders: reminders(&[after(10)]), ..new };
    let new: Vec<_> = new_tasks(&project, BulkIds::MAX).into_iter().map(planned).collect();
    let created = ports.tasks.create_all(new.clone(), None).await.unwrap();
    assert_eq!(created.len(), BulkIds::MAX);
    for place in [0, 1, 250, BulkIds::MAX - 1] {
        let found = find(ports, created[place].id).await;
        assert_eq!(found.task, new[place].stored(created[place].id), "{place}");
        assert_eq!(found.labels, slice::from_ref(&label));
    }
}

/// Whichever of them is refused, and for whatever reason. No event is recorded, and no quota is used.
pub(super) async fn one_refused_task_refuses_all(ports: &Ports) {
    let project = given_project(ports).await;
    let (nobody, nothing) = (Some(UserId::new(i64::MAX)), Some(TaskId::new(i64::MAX)));
    let foreign = given::label(ports, given_project(ports).await.id).await.id;
    for place in 0..3 {
        for reason in 0..3 {
            let mut new = new_tasks(&project, 3);
            let (refused, expected) = match reason {
                0 => (NewTask { assignee_id: nobody, ..new_task(&project) }, constraint::REFERENCE),
                1 => (NewTask { labels: label_ids(&[foreign]), ..new_task(&project) }, constraint::REFERENCE),
                _ => (NewTask { parent_id: nothing, ..new_task(&project) }, constraint::PARENT),
            };
            new[place] = refused;
            assert_eq!(conflict(ports.tasks.create_all(new, None).await), expected, "{place} {reason}");
            assert_eq!(list(ports, project.id).await, []);
            assert_eq!(events(ports).await, []);
        }
    }
    let full = new_tasks(&project, 3).into_iter().map(|new| NewTask { quota: 3, ..new }).collect();
    assert_eq!(ports.tasks.create_all(full, None).await.unwrap().len(), 3);
}

/// `Conflict` with `QUOTA` if one of them is beyond it.
pub(super) async fn tasks_beyond_the_quota_are_refused_together(ports: &Ports) {
    let project = given_project(ports).await;
    let new = |n| new_tasks(&project, n).into_iter().map(|new| NewTask { quota: 5, ..new }).collect::<Vec<_>>();
    ports.tasks.create_all(new(2), None).await.unwrap();
    assert_eq!(conflict(ports.tasks.create_all(new(4), None).await), constraint::QUOTA);
    assert_eq!(list(ports, project.id).await.len(), 2);
    ports.tasks.create_all(new(3), None).await.unwrap();
    assert_eq!(conflict(ports.tasks.create_all(new(1), None).await), constraint::QUOTA);
    let last = find(ports, list(ports, project.id).await[4].id).await;
    assert!(ports.tasks.delete(last.remove(project.owner_id, after(1))).await.unwrap());
    ports.tasks.create_all(new(1), None).await.unwrap();
}

pub(super) async fn simultaneous_requests_do_not_exceed_the_quota(ports: &Ports) {
    let project = given_project(ports).await;
    let created = simultaneously(10, |i| {
        let (tasks, n) = (ports.tasks.clone(), 1 + i % 3);
        let new = new_tasks(&project, n).into_iter().map(|new| NewTask { quota: 8, ..new }).collect();
        async move {
            match tasks.create_all(new, None).await {
                Ok(created) => created.len(),
                refused => {
                    assert_eq!(conflict(refused), constraint::QUOTA);
                    0
                }
            }
        }
    })
    .await;
    let created: usize = created.into_iter().sum();
    // One more may be left where the last requests had more.
    assert!((6..=8).contains(&created), "{created}");
    assert_eq!(list(ports, project.id).await.len(), created);
}

/// A fifth level is allowed for each, a sixth for none.
pub(super) async fn parents_of_new_tasks_are_checked_together(ports: &Ports) {
    let project = given_project(ports).await;
    let mut above = None;
    for _ in 0..5 {
        let under = move |new| NewTask { parent_id: above, ..new };
        let both: Vec<_> = new_tasks(&project, 2).into_iter().map(under).collect();
        above = Some(ports.tasks.create_all(both, None).await.unwrap()[1].id);
    }
    let mut new = new_tasks(&project, 3);
    new[1].parent_id = above;
    assert_eq!(conflict(ports.tasks.create_all(new, None).await), constraint::PARENT);
    assert_eq!(list(ports, project.id).await.len(), 10);
}

/// All that it created, in that order. A repeated one is refused: `Conflict` with `IDEMPOTENCY_KEY`.
pub(super) async fn a_request_is_recorded_with_its_tasks(ports: &Ports) {
    let project = given_project(ports).await;
    let of = idempotency(project.owner_id);
    let nobody = Some(UserId::new(i64::MAX));
    let refused = vec![new_task(&project), NewTask { assignee_id: nobody, ..new_task(&project) }];
    assert_eq!(conflict(ports.tasks.create_all(refused, Some(of.clone())).await), constraint::REFERENCE);
    assert_eq!(ports.idempotency.find(of.user_id, &of.request.key, of.at).await.unwrap(), None);

    let done = simultaneously(6, |_| {
        let (tasks, new, of) = (ports.tasks.clone(), new_tasks(&project, 3), of.clone());
        async move { tasks.create_all(new, Some(of)).await }
    })
    .await;
    let mut created = Vec::new();
    for result in done {
        match result {
            Ok(tasks) => created.push(tasks),
            refused => assert_eq!(conflict(refused), constraint::IDEMPOTENCY_KEY),
        }
    }
    let [created] = created.try_into().unwrap();
    assert_eq!(list(ports, project.id).await, created);
    let record = ports.idempotency.find(of.user_id, &of.request.key, of.at).await.unwrap();
    let expected = IdempotencyRecord { fingerprint: of.request.fingerprint, created: Created::Tasks(created) };
    assert_eq!(record, Some(expected));
}
