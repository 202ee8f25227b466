//! What is deleted together with a task.

use super::shared::{Ports, create, delete, exists, find, given_chain, given_project};
use crate::{
    builders::{after, new_task},
    contract::{conflict, dispatch_all, recording, simultaneously},
    given,
};
use fasttrack_domain::{
    event::Event,
    id::TaskId,
    patch::Patch,
    ports::constraint,
    task::{NewTask, TaskPatch, TaskRemoval, TaskStatus},
};
use std::sync::Arc;

/// Its comments, too. What is above and beside it stays.
pub(super) async fn a_deletion_takes_what_is_under_the_task(ports: &Ports) {
    let project = given_project(ports).await;
    let chain = given_chain(ports, project, None, 4).await;
    let branch = given_chain(ports, project, Some(chain[1]), 2).await;
    let beside = given_chain(ports, project, Some(chain[0]), 2).await;
    let (gone, kept) = ([&chain[1..], &branch[..]].concat(), [&chain[..1], &beside[..]].concat());
    let owner = find(ports, chain[0]).await.project.owner_id;
    let (mut gone_comments, mut kept_comments) = (Vec::new(), Vec::new());
    for task in &gone {
        gone_comments.push(given::comment(ports, *task, owner).await.id);
    }
    for task in &kept {
        kept_comments.push(given::comment(ports, *task, owner).await.id);
    }
    assert!(delete(ports, chain[1]).await);
    for task in gone {
        assert!(!exists(ports, task).await, "{task}");
    }
    for task in kept {
        assert!(exists(ports, task).await, "{task}");
    }
    for comment in gone_comments {
        assert_eq!(ports.comments.find(comment).await.unwrap(), None);
    }
    for comment in kept_comments {
        assert!(ports.comments.find(comment).await.unwrap().is_some());
    }
    assert!(!delete(ports, chain[2]).await);
}

/// With its title and the status that it had last.
pub(super) async fn a_deletion_has_an_event_for_each_task(ports: &Ports) {
    let project = given_project(ports).await;
    let chain = given_chain(ports, project, None, 3).await;
    let done = |task| NewTask { status: TaskStatus::Done, parent_id: Some(chain[0]), ..task };
    let second = given::task_with(ports, project, done).await;
    let found = find(ports, chain[2]).await;
    let patch = TaskPatch { status: Some(TaskStatus::InProgress), ..TaskPatch::default() };
    let change = found.apply(patch, found.project.owner_id, after(1)).unwrap().unwrap();
    ports.tasks.save(change).await.unwrap().unwrap();
    let beside = given::task(ports, project).await;
    dispatch_all(ports, Arc::new([]), 100).await;

    let top = find(ports, chain[0]).await;
    let removal = top.remove(top.project.owner_id, after(9));
    let mut expected = vec![Event::Task(removal.event.clone())];
    for id in [chain[1], chain[2], second.id] {
        let task = find(ports, id).await.task;
        expected.push(Event::Task(removal.event_under(id, task.title, task.status)));
    }
    assert!(ports.tasks.delete(removal).await.unwrap());
    let (subscribers, recorded) = recording();
    dispatch_all(ports, subscribers, 100).await;
    let mut events: Vec<_> = recorded().into_iter().map(|(event, _)| event).collect();
    let task = |event: &Event| match event {
        Event::Task(event) => event.task.task_id,
        Event::ProjectShared(_) | Event::Change(_) | Event::Touched(_) => panic!("{event:?}"),
    };
    events.sort_by_key(task);
    assert_eq!(events, expected);
    assert!(exists(ports, beside.id).await);
}

/// `Ok(false)`, without events.
pub(super) async fn a_deletion_of_another_version_deletes_nothing_below(ports: &Ports) {
    let project = given_project(ports).await;
    let chain = given_chain(ports, project, None, 3).await;
    dispatch_all(ports, Arc::new([]), 100).await;
    let top = find(ports, chain[0]).await;
    for based_on in [0, top.task.version + 1] {
        let removal = TaskRemoval { based_on, ..top.remove(top.project.owner_id, after(9)) };
        assert!(!ports.tasks.delete(removal).await.unwrap(), "{based_on}");
    }
    for task in &chain {
        assert!(exists(ports, *task).await);
    }
    let (subscribers, recorded) = recording();
    dispatch_all(ports, subscribers, 100).await;
    assert_eq!(recorded(), []);
    // None of the three places is free.
    let new = NewTask { quota: 3, ..new_task(&top.project) };
    assert_eq!(conflict(ports.tasks.create(new, None).await), constraint::QUOTA);
}

/// As many places as tasks are deleted.
pub(super) async fn deleted_tasks_below_free_the_quota(ports: &Ports) {
    let project = given_project(ports).await;
    let (chain, beside) = (given_chain(ports, project, None, 4).await, given::task(ports, project).await);
    let found = find(ports, beside.id).await;
    let new = |quota| NewTask { quota, ..new_task(&found.project) };
    assert_eq!(conflict(ports.tasks.create(new(5), None).await), constraint::QUOTA);
    assert!(delete(ports, chain[1]).await);
    assert_eq!(conflict(ports.tasks.create(new(2), None).await), constraint::QUOTA);
    ports.tasks.create(new(3), None).await.unwrap();
    assert!(delete(ports, chain[0]).await);
    assert_eq!(conflict(ports.tasks.create(new(2), None).await), constraint::QUOTA);
    ports.tasks.create(new(3), None).await.unwrap();
}

/// Tasks of one lineage are deleted at the same time, and one of them leaves it.
pub(super) async fn simultaneous_deletions_of_a_lineage_free_the_quota_once(ports: &Ports) {
    for _ in 0..5 {
        let project = given_project(ports).await;
        let chain = given_chain(ports, project, None, 5).await;
        let found = find(ports, chain[3]).await;
        let patch = TaskPatch { parent_id: Patch::Clear, ..TaskPatch::default() };
        let leaves = found.apply(patch, found.project.owner_id, after(5)).unwrap().unwrap();
        simultaneously(6, |i| {
            let (ports, leaves, task) = (ports.clone(), leaves.clone(), chain.get(i).copied());
            async move {
                if let Some(task) = task {
                    delete(&ports, task).await;
                } else {
                    ports.tasks.save(leaves).await.unwrap();
                }
            }
        })
        .await;
        let mut left: Vec<TaskId> = Vec::new();
        for task in chain {
            if exists(ports, task).await {
                left.push(task);
            }
        }
        // Each deletion that was overtaken is repeated, as use cases do.
        for task in left {
            delete(ports, task).await;
        }
        let new = NewTask { quota: 1, ..new_task(&found.project) };
        let first = ports.tasks.create(new.clone(), None).await.unwrap();
        assert_eq!(conflict(ports.tasks.create(new, None).await), constraint::QUOTA);
        assert!(delete(ports, first.id).await);
        assert!(create(ports, project, None).await.is_ok());
    }
}
