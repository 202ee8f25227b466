//! The outbox: events and their consequences.

use super::{dispatch_all, simultaneously};
use crate::{
    builders::{after, new_notification, subscriber},
    given,
};
use fasttrack_domain::{
    event::{Event, EventKind},
    id::{CommentId, TaskId, UserId},
    job::{JobPayload, NewJob},
    notification::{NotificationContent, NotificationHead, TaskNames, notifications_of},
    page::PageRequest,
    patch::Patch,
    ports::{
        comment::CommentRepository,
        job::{JobQueue, JobSlots},
        notification::NotificationRepository,
        outbox::{Consequence, Dispatched, EventSubscriber, Outbox},
        project::ProjectRepository,
        statistics::StatisticsRepository,
        task::TaskRepository,
        user::UserRepository,
    },
    statistics::StatisticsDelta,
    task::{NewTask, TaskInProject, TaskPatch, TaskStatus},
    text::DisplayName,
    user::User,
};
use std::{
    collections::HashSet,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};
use tokio::{task::yield_now, time::timeout};

contract! { $
    outbox {
        users: UserRepository,
        projects: ProjectRepository,
        tasks: TaskRepository,
        comments: CommentRepository,
        outbox: Outbox,
        notifications: NotificationRepository,
        statistics: StatisticsRepository,
        jobs: JobQueue,
    }
    an_event_is_dispatched_once,
    events_of_a_task_are_dispatched_in_order,
    a_dispatch_takes_the_oldest_events_up_to_its_limit,
    every_consequence_of_an_event_is_committed,
    a_queued_job_keeps_its_payload,
    notification_numbers_have_no_gaps,
    simultaneous_dispatches_handle_each_event_once,
    a_failed_dispatch_commits_nothing,
    events_of_a_deleted_project_block_no_others,
    a_committed_event_wakes_the_waiting_dispatcher,
}

type Subscribers = Arc<[Arc<dyn EventSubscriber>]>;

/// A subscriber that notifies the users whom an event concerns.
fn notifying() -> Subscribers {
    let notify = |event: &Event, actor: &DisplayName| {
        notifications_of(event, actor).into_iter().map(Consequence::Notify).collect()
    };
    Arc::new([subscriber(notify)])
}

/// A subscriber that records the events it gets, and a function that takes them.
fn recording() -> (Subscribers, impl Fn() -> Vec<(Event, DisplayName)>) {
    let recorded: Arc<Mutex<Vec<_>>> = Arc::default();
    let keep = {
        let recorded = Arc::clone(&recorded);
        move |event: &Event, actor: &DisplayName| {
            recorded.lock().unwrap().push((event.clone(), actor.clone()));
            Vec::new()
        }
    };
    (Arc::new([subscriber(keep)]), move || std::mem::take(&mut *recorded.lock().unwrap()))
}

/// A task without assignee, whose events are dispatched.
async fn given(ports: &Ports) -> TaskInProject {
    let (project, _) = given::project_with_owner(ports).await;
    let task = given::task(ports, project.id).await;
    dispatch_all(ports, Arc::new([]), 100).await;
    find(ports, task.id).await
}

async fn find(ports: &Ports, id: TaskId) -> TaskInProject {
    ports.tasks.find(id).await.unwrap().unwrap()
}

/// Changes a task as the owner of its project.
async fn change(ports: &Ports, task: TaskId, patch: TaskPatch) {
    let found = find(ports, task).await;
    let change = found.apply(patch, found.project.owner_id, after(1)).unwrap().unwrap();
    ports.tasks.save(change).await.unwrap().unwrap();
}

async fn comment(ports: &Ports, task: TaskId, author: &User, times: usize) -> Vec<CommentId> {
    let mut ids = Vec::new();
    for _ in 0..times {
        ids.push(given::comment(ports, task, author.id).await.id);
    }
    ids
}

/// The numbers and comments of the notifications of this user.
async fn notified(ports: &Ports, user: UserId) -> Vec<(i64, CommentId)> {
    let notifications = ports.notifications.after(user, 0, 1000).await.unwrap();
    let comment = |content| match content {
        NotificationContent::CommentAdded { comment_id, .. } => comment_id,
        other => panic!("{other:?}"),
    };
    notifications.into_iter().map(|notification| (notification.seq, comment(notification.content))).collect()
}

/// Each subscriber gets it, with the name that the actor has now.
async fn an_event_is_dispatched_once(ports: &Ports) {
    let found = given(ports).await;
    let author = given::user(ports).await;
    let id = comment(ports, found.task.id, &author, 1).await[0];
    let (first, recorded_first) = recording();
    let (second, recorded_second) = recording();
    let both: Subscribers = first.iter().chain(second.iter()).cloned().collect();

    let done = ports.outbox.dispatch(Arc::clone(&both), 10).await.unwrap();
    assert_eq!(done, Dispatched { events: 1, more: false, heads: Vec::new() });
    let recorded = recorded_first();
    let [(event, actor)] = recorded.as_slice() else { panic!("{recorded:?}") };
    assert_eq!(event.kind, EventKind::CommentAdded { comment_id: id, assignee_id: None });
    assert_eq!((event.actor_id, actor), (author.id, &author.display_name));
    assert_eq!(recorded_second(), recorded);

    assert_eq!(ports.outbox.dispatch(both, 10).await.unwrap(), Dispatched::default());
    assert_eq!(recorded_first(), []);
}

/// This includes the two events of one change.
async fn events_of_a_task_are_dispatched_in_order(ports: &Ports) {
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
    let kinds: Vec<_> = recorded().into_iter().map(|(event, _)| event.kind).collect();
    let assignee_id = Some(other.id);
    let moved = |old, new| EventKind::StatusChanged { old, new, assignee_id };
    let expected = [
        EventKind::TaskCreated { status: TaskStatus::Todo },
        EventKind::TaskAssigned { assignee_id: other.id },
        moved(TaskStatus::Todo, TaskStatus::InProgress),
        EventKind::CommentAdded { comment_id: comment, assignee_id },
        moved(TaskStatus::InProgress, TaskStatus::Done),
        EventKind::TaskDeleted { status: TaskStatus::Done },
    ];
    assert_eq!(kinds, expected);
}

/// It reports whether more are pending.
async fn a_dispatch_takes_the_oldest_events_up_to_its_limit(ports: &Ports) {
    let task = given(ports).await.task.id;
    let author = given::user(ports).await;
    let ids = comment(ports, task, &author, 5).await;
    let (subscribers, recorded) = recording();
    for (events, more, expected) in [(2, true, &ids[..2]), (2, true, &ids[2..4]), (1, false, &ids[4..])] {
        let done = ports.outbox.dispatch(Arc::clone(&subscribers), 2).await.unwrap();
        assert_eq!((done.events, done.more), (events, more));
        let comments: Vec<_> = recorded().into_iter().map(|(event, _)| event.kind).collect();
        let expected: Vec<_> =
            expected.iter().map(|id| EventKind::CommentAdded { comment_id: *id, assignee_id: None }).collect();
        assert_eq!(comments, expected);
    }
}

async fn every_consequence_of_an_event_is_committed(ports: &Ports) {
    let (project, _) = given::project_with_owner(ports).await;
    let (user, other) = (given::user(ports).await.id, given::user(ports).await.id);
    let job = NewJob { payload: JobPayload::VerificationMail { user_id: user }, created_at: after(3) };
    let count = StatisticsDelta { project_id: project.id, todo: 3, in_progress: 2, done: 1, at: after(4) };
    let [first, second, third] =
        [(user, 1), (other, 2), (user, 3)].map(|(user, comment)| new_notification(user, comment));
    let done = given::consequences(
        ports,
        vec![
            Consequence::Notify(first.clone()),
            Consequence::Enqueue(job.clone()),
            Consequence::Notify(second),
            Consequence::Count(count.clone()),
            Consequence::Notify(third),
            Consequence::Count(count),
        ],
    )
    .await;
    let heads: HashSet<_> = done.heads.iter().map(|head| (head.user_id, head.seq)).collect();
    assert_eq!((done.heads.len(), heads), (2, HashSet::from([(user, 2), (other, 1)])));
    assert_eq!(notified(ports, user).await, [(1, CommentId::new(1)), (2, CommentId::new(3))]);
    assert_eq!(notified(ports, other).await, [(1, CommentId::new(2))]);
    let notification = ports.notifications.after(user, 0, 1).await.unwrap().remove(0);
    assert_eq!((notification.content, notification.at, notification.read), (first.content, first.at, false));
    let statistics = ports.statistics.find(project.id).await.unwrap().unwrap().statistics;
    assert_eq!((statistics.todo, statistics.in_progress, statistics.done), (6, 4, 2));
    assert_eq!(statistics.updated_at, after(4));
    let [queued] = ports.jobs.list(None, after(3), PageRequest::default()).await.unwrap().items.try_into().unwrap();
    assert_eq!((queued.kind.as_str(), queued.run_at, queued.created_at), (job.payload.name(), after(3), after(3)));
}

async fn a_queued_job_keeps_its_payload(ports: &Ports) {
    let found = given(ports).await;
    let names = TaskNames {
        task_id: found.task.id,
        task: found.task.title,
        project_id: found.project.id,
        project: found.project.name,
    };
    let assigned_by = given::user(ports).await.display_name;
    let payload = JobPayload::TaskAssignedMail { user_id: found.project.owner_id, task: names, assigned_by };
    given::consequences(ports, vec![Consequence::Enqueue(NewJob { payload: payload.clone(), created_at: after(0) })])
        .await;
    let worker = fasttrack_domain::job::WorkerId::new("worker".to_owned());
    let [job] = ports.jobs.lease(worker, after(0), after(1), JobSlots::any(9)).await.unwrap().try_into().unwrap();
    assert_eq!(job.payload, payload);
}

/// Each user has numbers from 1, across users and dispatches.
async fn notification_numbers_have_no_gaps(ports: &Ports) {
    let (one, two) = (given(ports).await, given(ports).await);
    let author = given::user(ports).await;
    let (mut of_one, mut of_two) = (Vec::new(), Vec::new());
    for round in 0..4 {
        of_one.extend(comment(ports, one.task.id, &author, round).await);
        of_two.extend(comment(ports, two.task.id, &author, 2).await);
        of_one.extend(comment(ports, one.task.id, &author, 1).await);
        let mut heads: Vec<_> =
            dispatch_all(ports, notifying(), 3).await.into_iter().flat_map(|done| done.heads).collect();
        heads.reverse();
        for (owner, notified) in [(one.project.owner_id, &of_one), (two.project.owner_id, &of_two)] {
            let last = NotificationHead { user_id: owner, seq: notified.len().try_into().unwrap() };
            assert_eq!(heads.iter().find(|head| head.user_id == owner), Some(&last));
        }
    }
    for (owner, comments) in [(one.project.owner_id, of_one), (two.project.owner_id, of_two)] {
        assert_eq!(notified(ports, owner).await, (1..).zip(comments).collect::<Vec<_>>());
    }
}

/// More events are committed meanwhile.
async fn simultaneous_dispatches_handle_each_event_once(ports: &Ports) {
    let found = given(ports).await;
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

/// The next dispatch gets the same events.
async fn a_failed_dispatch_commits_nothing(ports: &Ports) {
    let found = given(ports).await;
    let author = given::user(ports).await;
    let comments = comment(ports, found.task.id, &author, 3).await;
    let last = comments[2];
    let count = move |event: &Event| StatisticsDelta {
        project_id: event.task.project_id,
        todo: 1,
        in_progress: 0,
        done: 0,
        at: event.at,
    };
    let failing = move |event: &Event, actor: &DisplayName| {
        assert_ne!(event.kind, EventKind::CommentAdded { comment_id: last, assignee_id: None }, "as it is meant to");
        let mut all: Vec<_> = notifications_of(event, actor).into_iter().map(Consequence::Notify).collect();
        let payload = JobPayload::VerificationMail { user_id: event.actor_id };
        all.push(Consequence::Enqueue(NewJob { payload, created_at: event.at }));
        all.push(Consequence::Count(count(event)));
        all
    };
    for _ in 0..2 {
        let (outbox, failing) = (Arc::clone(&ports.outbox), subscriber(failing));
        let failed = tokio::spawn(async move { outbox.dispatch(Arc::new([failing]), 10).await }).await;
        assert!(!matches!(failed, Ok(Ok(_))), "{failed:?}");
        assert_eq!(notified(ports, found.project.owner_id).await, []);
        assert_eq!(ports.notifications.heads(vec![found.project.owner_id]).await.unwrap(), []);
        assert_eq!(ports.jobs.list(None, after(0), PageRequest::default()).await.unwrap().items, []);
        assert_eq!(ports.statistics.find(found.project.id).await.unwrap().unwrap().statistics.total(), 0);
    }
    dispatch_all(ports, notifying(), 10).await;
    assert_eq!(notified(ports, found.project.owner_id).await, (1..).zip(comments).collect::<Vec<_>>());
}

async fn events_of_a_deleted_project_block_no_others(ports: &Ports) {
    let (gone, stays) = (given(ports).await, given(ports).await);
    let assignee = given::user(ports).await;
    for found in [&gone, &stays] {
        given::task_with(ports, found.project.id, |task| NewTask { assignee_id: Some(assignee.id), ..task }).await;
    }
    assert!(ports.projects.delete(gone.project.id, 1, None).await.unwrap());
    let count = |event: &Event, actor: &DisplayName| {
        let count = StatisticsDelta::of(event).map(Consequence::Count);
        count.into_iter().chain(notifications_of(event, actor).into_iter().map(Consequence::Notify)).collect()
    };
    dispatch_all(ports, Arc::new([subscriber(count)]), 10).await;
    assert_eq!(ports.statistics.find(gone.project.id).await.unwrap(), None);
    assert_eq!(ports.statistics.find(stays.project.id).await.unwrap().unwrap().statistics.todo, 1);
    assert_eq!(ports.notifications.after(assignee.id, 0, 9).await.unwrap().len(), 2);
}

/// Each kind of change wakes it, and so does an event that was committed before the wait.
async fn a_committed_event_wakes_the_waiting_dispatcher(ports: &Ports) {
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
