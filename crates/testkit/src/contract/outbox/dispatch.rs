//! Which events a dispatch takes, and in which order.

use super::shared::{Ports, change, comment, find, given_task, kind, notified, notifying};
use crate::{
    builders::after,
    contract::{Subscribers, dispatch_all, recording, simultaneously},
    given,
};
use fasttrack_domain::{
    event::TaskEventKind,
    patch::Patch,
    ports::outbox::Dispatched,
    task::{TaskPatch, TaskStatus},
};
use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};
use tokio::{task::yield_now, time::timeout};

/// Each subscriber gets it, with the name that the actor has now.
pub(super) async fn an_event_is_dispatched_once(ports: &Ports) {
    let found = given_task(ports).await;
    let author = given::user(ports).await;
    let id = comment(ports, found.task.id, &author, 1).await[0];
    let (first, recorded_first) = recording();
    let (second, recorded_second) = recording();
    let both: Subscribers = first.iter().chain(second.iter()).cloned().collect();

    let done = ports.outbox.dispatch(Arc::clone(&both), 10).await.unwrap();
    assert_eq!(done, Dispatched { events: 1, more: false, heads: Vec::new() });
    let recorded = recorded_first();
    let [(event, actor)] = recorded.as_slice() else { panic!("{recorded:?}") };
    assert_eq!(*kind(event), TaskEventKind::CommentAdded { comment_id: id, assignee_id: None });
    assert_eq!((event.actor_id(), actor), (Some(author.id), &author.display_name));
    assert_eq!(recorded_second(), recorded);

    assert_eq!(ports.outbox.dispatch(both, 10).await.unwrap(), Dispatched::default());
    assert_eq!(recorded_first(), []);
}

/// This includes the two events of one change.
pub(super) async fn events_of_a_task_are_dispatched_in_order(ports: &Ports) {
    let (project, owner) = given::project_with_owner(ports).await;
    let task = given::task(ports, project.id).await.id;
    let other = given::user(ports).await;
    let moved = TaskPatch { status: Some(TaskStatus::InProgress), ..TaskPatch::default() };
    change(ports, task, TaskPatch { assignee_id: Patch::Set(other.id), ..moved.clone() }).await;
    let comment = comment(ports, task, &other, 1).await[0];
    change(ports, task, TaskPatch { status: Some(TaskStatus::Done), ..moved }).await;
    let found = find(ports, task).await;
    assert!(ports.tasks.delete(found.remove(owner.id, after(2))).await.unwrap());

    let (subscribers, recorded) = recording();
    dispatch_all(ports, subscribers, 2).await;
    let kinds: Vec<_> = recorded().iter().map(|(event, _)| kind(event).clone()).collect();
    let assignee_id = Some(other.id);
    let moved = |old, new| TaskEventKind::StatusChanged { old, new, assignee_id };
    let expected = [
        TaskEventKind::TaskCreated { status: TaskStatus::Todo },
        TaskEventKind::TaskAssigned { assignee_id: other.id },
        moved(TaskStatus::Todo, TaskStatus::InProgress),
        TaskEventKind::CommentAdded { comment_id: comment, assignee_id },
        moved(TaskStatus::InProgress, TaskStatus::Done),
        TaskEventKind::TaskDeleted { status: TaskStatus::Done },
    ];
    assert_eq!(kinds, expected);
}

/// It reports whether more are pending.
pub(super) async fn a_dispatch_takes_the_oldest_events_up_to_its_limit(ports: &Ports) {
    let task = given_task(ports).await.task.id;
    let author = given::user(ports).await;
    let ids = comment(ports, task, &author, 5).await;
    let (subscribers, recorded) = recording();
    for (events, more, expected) in [(2, true, &ids[..2]), (2, true, &ids[2..4]), (1, false, &ids[4..])] {
        let done = ports.outbox.dispatch(Arc::clone(&subscribers), 2).await.unwrap();
        assert_eq!((done.events, done.more), (events, more));
        let comments: Vec<_> = recorded().iter().map(|(event, _)| kind(event).clone()).collect();
        let expected: Vec<_> =
            expected.iter().map(|id| TaskEventKind::CommentAdded { comment_id: *id, assignee_id: None }).collect();
        assert_eq!(comments, expected);
    }
}

/// More events are committed meanwhile.
pub(super) async fn simultaneous_dispatches_handle_each_event_once(ports: &Ports) {
    let found = given_task(ports).await;
    let author = given::user(ports).await;
    let written = Arc::new(AtomicBool::new(false));
    let comments = simultaneously(9, |n| {
        let (ports, author, written, task) = (ports.clone(), author.clone(), Arc::clone(&written), found.task.id);
        async move {
            if n == 0 {
                let ids = comment(&ports, task, &author, 60).await;
                written.store(true, Ordering::Release);
                return ids;
            }
            loop {
                let last = written.load(Ordering::Acquire);
                dispatch_all(&ports, notifying(), 1 + n).await;
                if last {
                    return Vec::new();
                }
                // Where nothing waits, some databases answer without ever waiting themselves.
                yield_now().await;
            }
        }
    })
    .await
    .concat();
    assert_eq!(notified(ports, found.project.owner_id).await, (1..).zip(comments).collect::<Vec<_>>());
}

/// Each kind of change wakes it, and so does an event that was committed before the wait.
pub(super) async fn a_committed_event_wakes_the_waiting_dispatcher(ports: &Ports) {
    let woken = async || timeout(Duration::from_secs(30), ports.outbox.wait()).await.unwrap();
    let (project, owner) = given::project_with_owner(ports).await;
    let task = given::task(ports, project.id).await;
    woken().await;
    let moved = TaskPatch { status: Some(TaskStatus::InProgress), ..TaskPatch::default() };
    change(ports, task.id, moved).await;
    woken().await;
    let (_, ()) = tokio::join!(given::comment(ports, task.id, owner.id), woken());
    let found = find(ports, task.id).await;
    assert!(ports.tasks.delete(found.remove(owner.id, after(2))).await.unwrap());
    woken().await;
}
