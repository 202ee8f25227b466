//! The outbox: what follows from events.

use super::simultaneously;
use crate::{
    Ports,
    builders::{after, new_notification, subscriber},
};
use fasttrack_domain::{
    event::{Event, EventKind},
    id::{CommentId, TaskId, UserId},
    job::{JobPayload, NewJob},
    notification::{News, NotificationContent, TaskNames, notifications_of},
    page::PageRequest,
    patch::Patch,
    ports::{
        job::Places,
        outbox::{Consequence, Dispatched, EventSubscriber},
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

type Subscribers = Arc<[Arc<dyn EventSubscriber>]>;

/// Tells whom an event concerns.
fn telling() -> Subscribers {
    let tell = |event: &Event, actor: &DisplayName| {
        notifications_of(event, actor).into_iter().map(Consequence::Notify).collect()
    };
    Arc::new([subscriber(tell)])
}

/// Draws no conclusions, but keeps what it is asked about.
fn listening() -> (Subscribers, impl Fn() -> Vec<(Event, DisplayName)>) {
    let heard: Arc<Mutex<Vec<_>>> = Arc::default();
    let keep = {
        let heard = Arc::clone(&heard);
        move |event: &Event, actor: &DisplayName| {
            heard.lock().unwrap().push((event.clone(), actor.clone()));
            Vec::new()
        }
    };
    (Arc::new([subscriber(keep)]), move || std::mem::take(&mut *heard.lock().unwrap()))
}

/// A task that nobody works on, whose events are over.
async fn given(ports: &Ports) -> TaskInProject {
    let (project, _) = ports.given_projects_owner().await;
    let task = ports.given_task(project.id).await;
    ports.dispatch(Arc::new([]), 100).await;
    find(ports, task.id).await
}

async fn find(ports: &Ports, id: TaskId) -> TaskInProject {
    ports.tasks.find(id).await.unwrap().unwrap()
}

/// By the owner.
async fn change(ports: &Ports, task: TaskId, patch: TaskPatch) {
    let found = find(ports, task).await;
    let change = found.apply(patch, found.project.owner_id, after(1)).unwrap().unwrap();
    ports.tasks.save(change).await.unwrap().unwrap();
}

async fn comment(ports: &Ports, task: TaskId, author: &User, times: usize) -> Vec<CommentId> {
    let mut ids = Vec::new();
    for _ in 0..times {
        ids.push(ports.given_comment(task, author.id).await.id);
    }
    ids
}

/// The numbers and comments of all that the user was told.
async fn told(ports: &Ports, user: UserId) -> Vec<(i64, CommentId)> {
    let notifications = ports.notifications.after(user, 0, 1000).await.unwrap();
    let comment = |content| match content {
        NotificationContent::CommentAdded { comment_id, .. } => comment_id,
        other => panic!("{other:?}"),
    };
    notifications.into_iter().map(|notification| (notification.seq, comment(notification.content))).collect()
}

/// By every subscriber, with the name that the actor has now.
pub async fn an_event_is_dispatched_once(ports: &Ports) {
    let found = given(ports).await;
    let author = ports.given_user().await;
    let id = comment(ports, found.task.id, &author, 1).await[0];
    let (first, heard_first) = listening();
    let (second, heard_second) = listening();
    let both: Subscribers = first.iter().chain(second.iter()).cloned().collect();

    let done = ports.outbox.dispatch(Arc::clone(&both), 10).await.unwrap();
    assert_eq!(done, Dispatched { events: 1, more: false, news: Vec::new() });
    let heard = heard_first();
    let [(event, actor)] = heard.as_slice() else { panic!("{heard:?}") };
    assert_eq!(event.kind, EventKind::CommentAdded { comment_id: id, assignee_id: None });
    assert_eq!((event.actor_id, actor), (author.id, &author.display_name));
    assert_eq!(heard_second(), heard);

    assert_eq!(ports.outbox.dispatch(both, 10).await.unwrap(), Dispatched::default());
    assert_eq!(heard_first(), []);
}

/// Also the two of one change.
pub async fn events_of_a_task_come_in_their_order(ports: &Ports) {
    let (project, owner) = ports.given_projects_owner().await;
    let task = ports.given_task(project.id).await.id;
    let other = ports.given_user().await;
    let moved = TaskPatch { status: Some(TaskStatus::InProgress), ..TaskPatch::default() };
    change(ports, task, TaskPatch { assignee_id: Patch::Set(other.id), ..moved.clone() }).await;
    let comment = comment(ports, task, &other, 1).await[0];
    change(ports, task, TaskPatch { status: Some(TaskStatus::Done), ..moved }).await;
    let found = find(ports, task).await;
    assert!(ports.tasks.delete(found.remove(owner.id, after(2))).await.unwrap());

    let (subscribers, heard) = listening();
    ports.dispatch(subscribers, 2).await;
    let kinds: Vec<_> = heard().into_iter().map(|(event, _)| event.kind).collect();
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

/// And tells whether more were waiting.
pub async fn a_dispatch_takes_the_oldest_events_up_to_its_limit(ports: &Ports) {
    let task = given(ports).await.task.id;
    let author = ports.given_user().await;
    let ids = comment(ports, task, &author, 5).await;
    let (subscribers, heard) = listening();
    for (events, more, expected) in [(2, true, &ids[..2]), (2, true, &ids[2..4]), (1, false, &ids[4..])] {
        let done = ports.outbox.dispatch(Arc::clone(&subscribers), 2).await.unwrap();
        assert_eq!((done.events, done.more), (events, more));
        let comments: Vec<_> = heard().into_iter().map(|(event, _)| event.kind).collect();
        let expected: Vec<_> =
            expected.iter().map(|id| EventKind::CommentAdded { comment_id: *id, assignee_id: None }).collect();
        assert_eq!(comments, expected);
    }
}

/// Notifications, numbers and jobs.
pub async fn all_that_follows_from_an_event_is_kept(ports: &Ports) {
    let (project, _) = ports.given_projects_owner().await;
    let (user, other) = (ports.given_user().await.id, ports.given_user().await.id);
    let job = NewJob { payload: JobPayload::VerificationMail { user_id: user }, created_at: after(3) };
    let count = StatisticsDelta { project_id: project.id, todo: 3, in_progress: 2, done: 1, at: after(4) };
    let [first, second, third] =
        [(user, 1), (other, 2), (user, 3)].map(|(user, comment)| new_notification(user, comment));
    let done = ports
        .given_consequences(vec![
            Consequence::Notify(first.clone()),
            Consequence::Enqueue(job.clone()),
            Consequence::Notify(second),
            Consequence::Count(count.clone()),
            Consequence::Notify(third),
            Consequence::Count(count),
        ])
        .await;
    let news: HashSet<_> = done.news.iter().map(|news| (news.user_id, news.seq)).collect();
    assert_eq!((done.news.len(), news), (2, HashSet::from([(user, 2), (other, 1)])));
    assert_eq!(told(ports, user).await, [(1, CommentId::new(1)), (2, CommentId::new(3))]);
    assert_eq!(told(ports, other).await, [(1, CommentId::new(2))]);
    let notification = ports.notifications.after(user, 0, 1).await.unwrap().remove(0);
    assert_eq!((notification.content, notification.at, notification.read), (first.content, first.at, false));
    let statistics = ports.statistics.find(project.id).await.unwrap().unwrap().statistics;
    assert_eq!((statistics.todo, statistics.in_progress, statistics.done), (6, 4, 2));
    assert_eq!(statistics.updated_at, after(4));
    let [queued] = ports.jobs.list(None, after(3), PageRequest::default()).await.unwrap().items.try_into().unwrap();
    assert_eq!((queued.kind.as_str(), queued.run_at, queued.created_at), (job.payload.name(), after(3), after(3)));
}

/// A job says later what it was told.
pub async fn a_queued_job_is_leased_as_it_was_meant(ports: &Ports) {
    let found = given(ports).await;
    let names = TaskNames {
        task_id: found.task.id,
        task: found.task.title,
        project_id: found.project.id,
        project: found.project.name,
    };
    let assigned_by = ports.given_user().await.display_name;
    let payload = JobPayload::TaskAssignedMail { user_id: found.project.owner_id, task: names, assigned_by };
    ports
        .given_consequences(vec![Consequence::Enqueue(NewJob { payload: payload.clone(), created_at: after(0) })])
        .await;
    let worker = fasttrack_domain::job::WorkerId::new("worker".to_owned());
    let [job] = ports.jobs.lease(worker, after(0), after(1), Places::any(9)).await.unwrap().try_into().unwrap();
    assert_eq!(job.payload, payload);
}

/// For each user by itself, whatever is told to whom in between.
pub async fn numbers_have_no_gap_over_users_and_dispatches(ports: &Ports) {
    let (one, two) = (given(ports).await, given(ports).await);
    let author = ports.given_user().await;
    let (mut of_one, mut of_two) = (Vec::new(), Vec::new());
    for round in 0..4 {
        of_one.extend(comment(ports, one.task.id, &author, round).await);
        of_two.extend(comment(ports, two.task.id, &author, 2).await);
        of_one.extend(comment(ports, one.task.id, &author, 1).await);
        let mut news: Vec<_> = ports.dispatch(telling(), 3).await.into_iter().flat_map(|done| done.news).collect();
        news.reverse();
        for (owner, told) in [(one.project.owner_id, &of_one), (two.project.owner_id, &of_two)] {
            let last = News { user_id: owner, seq: told.len().try_into().unwrap() };
            assert_eq!(news.iter().find(|news| news.user_id == owner), Some(&last));
        }
    }
    for (owner, comments) in [(one.project.owner_id, of_one), (two.project.owner_id, of_two)] {
        assert_eq!(told(ports, owner).await, (1..).zip(comments).collect::<Vec<_>>());
    }
}

/// While more events come.
pub async fn however_many_dispatch_at_once_each_event_is_done_once(ports: &Ports) {
    let found = given(ports).await;
    let author = ports.given_user().await;
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
                ports.dispatch(telling(), 1 + n).await;
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
    assert_eq!(told(ports, found.project.owner_id).await, (1..).zip(comments).collect::<Vec<_>>());
}

/// The events are done another time, as if nothing had been.
pub async fn a_dispatch_that_fails_halfway_keeps_nothing(ports: &Ports) {
    let found = given(ports).await;
    let author = ports.given_user().await;
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
        assert_eq!(told(ports, found.project.owner_id).await, []);
        assert_eq!(ports.notifications.heads(vec![found.project.owner_id]).await.unwrap(), []);
        assert_eq!(ports.jobs.list(None, after(0), PageRequest::default()).await.unwrap().items, []);
        assert_eq!(ports.statistics.find(found.project.id).await.unwrap().unwrap().statistics.total(), 0);
    }
    ports.dispatch(telling(), 10).await;
    assert_eq!(told(ports, found.project.owner_id).await, (1..).zip(comments).collect::<Vec<_>>());
}

/// Others are told still, and other projects counted.
pub async fn events_of_a_project_that_is_gone_harm_nobody(ports: &Ports) {
    let (gone, stays) = (given(ports).await, given(ports).await);
    let assignee = ports.given_user().await;
    for found in [&gone, &stays] {
        ports.given_task_like(found.project.id, |task| NewTask { assignee_id: Some(assignee.id), ..task }).await;
    }
    assert!(ports.projects.delete(gone.project.id, 1, None).await.unwrap());
    let count = |event: &Event, actor: &DisplayName| {
        let count = StatisticsDelta::of(event).map(Consequence::Count);
        count.into_iter().chain(notifications_of(event, actor).into_iter().map(Consequence::Notify)).collect()
    };
    ports.dispatch(Arc::new([subscriber(count)]), 10).await;
    assert_eq!(ports.statistics.find(gone.project.id).await.unwrap(), None);
    assert_eq!(ports.statistics.find(stays.project.id).await.unwrap().unwrap().statistics.todo, 1);
    assert_eq!(ports.notifications.after(assignee.id, 0, 9).await.unwrap().len(), 2);
}

/// Of every kind of change, also where it came first.
pub async fn whoever_waits_is_told_of_events(ports: &Ports) {
    let told = async || timeout(Duration::from_secs(30), ports.outbox.wait()).await.unwrap();
    let (project, owner) = ports.given_projects_owner().await;
    let task = ports.given_task(project.id).await;
    told().await;
    let moved = TaskPatch { status: Some(TaskStatus::InProgress), ..TaskPatch::default() };
    change(ports, task.id, moved).await;
    told().await;
    let (_, ()) = tokio::join!(ports.given_comment(task.id, owner.id), told());
    let found = find(ports, task.id).await;
    assert!(ports.tasks.delete(found.remove(owner.id, after(2))).await.unwrap());
    told().await;
}
