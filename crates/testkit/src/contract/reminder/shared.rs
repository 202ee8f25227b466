//! The ports of reminders, and what the cases have in common.

use crate::{
    builders::{NOBODY, reminders},
    contract::{dispatch_all, recording},
    given,
};
use fasttrack_domain::{
    Timestamp,
    event::{Event, TaskEvent, TaskEventKind},
    id::{ProjectId, TaskId},
    ports::{
        erasure::ErasureRepository, outbox::Outbox, project::ProjectRepository, reminder::ReminderRepository,
        task::TaskRepository, user::UserRepository,
    },
    task::{NewTask, Task, TaskInProject},
};

ports! {
    users: UserRepository,
    projects: ProjectRepository,
    tasks: TaskRepository,
    reminders: ReminderRepository,
    outbox: Outbox,
    erasures: ErasureRepository,
}

pub(super) async fn find(ports: &Ports, id: TaskId) -> TaskInProject {
    ports.tasks.find(id, NOBODY).await.unwrap().unwrap()
}

pub(super) async fn given_project(ports: &Ports) -> ProjectId {
    given::project_with_owner(ports).await.0.id
}

/// A task with these reminders.
pub(super) async fn given_task(ports: &Ports, project: ProjectId, instants: &[Timestamp]) -> Task {
    given::task_with(ports, project, |task| NewTask { reminders: reminders(instants), ..task }).await
}

/// Gives all reminders that are due at `now`, in one call, and returns the number of events.
pub(super) async fn give(ports: &Ports, now: Timestamp) -> u64 {
    let given = ports.reminders.give(now, 100).await.unwrap();
    assert!(!given.more, "{given:?}");
    given.events
}

/// The events of reminders since the last call, in the order of their commits.
pub(super) async fn events(ports: &Ports) -> Vec<TaskEvent> {
    let (subscribers, recorded) = recording();
    dispatch_all(ports, subscribers, 100).await;
    let of_reminder = |event| match event {
        Event::Task(event) if matches!(event.kind, TaskEventKind::ReminderDue { .. }) => Some(event),
        Event::Task(_) | Event::ProjectShared(_) | Event::Change(_) | Event::Touched(_) => None,
    };
    recorded().into_iter().filter_map(|(event, _)| of_reminder(event)).collect()
}

/// The tasks of these events.
pub(super) fn tasks(events: &[TaskEvent]) -> Vec<TaskId> {
    events.iter().map(|event| event.task.task_id).collect()
}
