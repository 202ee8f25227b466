//! The outbox: events and their consequences.

mod consequences;
mod dispatch;

use super::dispatch_all;
use crate::{
    builders::{after, subscriber},
    given,
};
use consequences::{
    a_failed_dispatch_commits_nothing, a_queued_job_keeps_its_payload, events_of_a_deleted_project_block_no_others,
    every_consequence_of_an_event_is_committed, notification_numbers_have_no_gaps,
};
use dispatch::{
    a_committed_event_wakes_the_waiting_dispatcher, a_dispatch_takes_the_oldest_events_up_to_its_limit,
    an_event_is_dispatched_once, events_of_a_task_are_dispatched_in_order,
    simultaneous_dispatches_handle_each_event_once,
};
use fasttrack_domain::{
    event::Event,
    id::{CommentId, TaskId, UserId},
    notification::{NotificationContent, notifications_of},
    ports::{
        comment::CommentRepository,
        job::JobQueue,
        notification::NotificationRepository,
        outbox::{Consequence, EventSubscriber, Outbox},
        project::ProjectRepository,
        statistics::StatisticsRepository,
        task::TaskRepository,
        user::UserRepository,
    },
    task::{TaskInProject, TaskPatch},
    text::DisplayName,
    user::User,
};
use std::sync::{Arc, Mutex};

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
async fn given_task(ports: &Ports) -> TaskInProject {
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
