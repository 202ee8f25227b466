//! The ports of the outbox, and what its cases have in common.

use crate::{
    builders::{NOBODY, after, subscriber},
    contract::{Subscribers, dispatch_all},
    given,
};
use fasttrack_domain::{
    event::{Event, TaskEventKind},
    id::{CommentId, TaskId, UserId},
    notification::{NotificationContent, notifications_of},
    ports::{
        comment::CommentRepository,
        job::JobQueue,
        notification::NotificationRepository,
        outbox::{Consequence, Outbox},
        project::ProjectRepository,
        statistics::StatisticsRepository,
        task::TaskRepository,
        user::UserRepository,
    },
    task::{TaskInProject, TaskPatch},
    text::DisplayName,
    user::User,
};
use std::sync::Arc;

ports! {
    users: UserRepository,
    projects: ProjectRepository,
    tasks: TaskRepository,
    comments: CommentRepository,
    outbox: Outbox,
    notifications: NotificationRepository,
    statistics: StatisticsRepository,
    jobs: JobQueue,
}

/// A subscriber that notifies the users whom an event concerns.
pub(super) fn notifying() -> Subscribers {
    let notify = |event: &Event, actor: &DisplayName| {
        notifications_of(event, actor).into_iter().map(Consequence::Notify).collect()
    };
    Arc::new([subscriber(notify)])
}

/// What the event of a task is.
pub(super) fn kind(event: &Event) -> &TaskEventKind {
    match event {
        Event::Task(event) => &event.kind,
        Event::ProjectShared(_) | Event::Change(_) | Event::Touched(_) => panic!("{event:?}"),
    }
}

/// A task without assignee, whose events are dispatched.
pub(super) async fn given_task(ports: &Ports) -> TaskInProject {
    let (project, _) = given::project_with_owner(ports).await;
    let task = given::task(ports, project.id).await;
    dispatch_all(ports, Arc::new([]), 100).await;
    find(ports, task.id).await
}

pub(super) async fn find(ports: &Ports, id: TaskId) -> TaskInProject {
    ports.tasks.find(id, NOBODY).await.unwrap().unwrap()
}

/// Changes a task as the owner of its project.
pub(super) async fn change(ports: &Ports, task: TaskId, patch: TaskPatch) {
    let found = find(ports, task).await;
    let change = found.apply(patch, found.project.owner_id, after(1)).unwrap().unwrap();
    ports.tasks.save(change).await.unwrap().unwrap();
}

pub(super) async fn comment(ports: &Ports, task: TaskId, author: &User, times: usize) -> Vec<CommentId> {
    let mut ids = Vec::new();
    for _ in 0..times {
        ids.push(given::comment(ports, task, author.id).await.id);
    }
    ids
}

/// The numbers and comments of the notifications of this user.
pub(super) async fn notified(ports: &Ports, user: UserId) -> Vec<(i64, CommentId)> {
    let notifications = ports.notifications.after(user, 0, 1000).await.unwrap();
    let comment = |content| match content {
        NotificationContent::CommentAdded { comment_id, .. } => comment_id,
        other => panic!("{other:?}"),
    };
    notifications.into_iter().map(|notification| (notification.seq, comment(notification.content))).collect()
}
