//! The ports of changes of many tasks, and what the cases have in common.

use crate::{
    builders::{NOBODY, after, new_task, title},
    contract::{dispatch_all, recording},
    given,
};
use fasttrack_domain::{
    event::{Event, TaskEvent},
    id::{ProjectId, TaskId},
    ports::{
        idempotency::IdempotencyRepository, label::LabelRepository, member::MemberRepository, outbox::Outbox,
        project::ProjectRepository, task::TaskRepository, user::UserRepository,
    },
    task::{NewTask, Task, TaskChange, TaskInProject, TaskPageRequest, TaskPatch, TaskProject, TaskQuery},
};

ports! {
    users: UserRepository,
    projects: ProjectRepository,
    members: MemberRepository,
    tasks: TaskRepository,
    labels: LabelRepository,
    idempotency: IdempotencyRepository,
    outbox: Outbox,
}

pub(super) async fn find(ports: &Ports, id: TaskId) -> TaskInProject {
    ports.tasks.find(id, NOBODY).await.unwrap().unwrap()
}

pub(super) async fn given_project(ports: &Ports) -> TaskProject {
    let (project, _) = given::project_with_owner(ports).await;
    ports.tasks.find_project(project.id, NOBODY).await.unwrap().unwrap()
}

pub(super) async fn given_tasks(ports: &Ports, project: ProjectId, n: usize) -> Vec<Task> {
    let mut tasks = Vec::new();
    for _ in 0..n {
        tasks.push(given::task(ports, project).await);
    }
    tasks
}

/// As many new tasks, each with a title of its own.
pub(super) fn new_tasks(project: &TaskProject, n: usize) -> Vec<NewTask> {
    (0..n).map(|_| new_task(project)).collect()
}

/// The tasks of the project on the first page, by ascending id.
pub(super) async fn list(ports: &Ports, project: ProjectId) -> Vec<Task> {
    let (all, first) = (TaskQuery::default(), TaskPageRequest::default());
    let listed = ports.tasks.list_in_project(project, NOBODY, all, first).await.unwrap().unwrap();
    listed.page.map(|view| view.task).items
}

/// The change of the task as it is now, by the project's owner.
pub(super) async fn change(ports: &Ports, id: TaskId, patch: &TaskPatch) -> TaskChange {
    let found = find(ports, id).await;
    found.apply(patch.clone(), found.project.owner_id, after(5)).unwrap().unwrap()
}

pub(super) fn renaming(name: &str) -> TaskPatch {
    TaskPatch { title: Some(title(name)), ..TaskPatch::default() }
}

/// The events of tasks since the last call, in the order of their commits.
pub(super) async fn events(ports: &Ports) -> Vec<TaskEvent> {
    let (subscribers, recorded) = recording();
    dispatch_all(ports, subscribers, 1_000).await;
    let of_task = |event| match event {
        Event::Task(event) => Some(event),
        Event::ProjectShared(_) | Event::Change(_) | Event::Touched(_) => None,
    };
    recorded().into_iter().filter_map(|(event, _)| of_task(event)).collect()
}
