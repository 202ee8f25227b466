//! The ports of tasks under other tasks, and what the cases have in common.

use crate::{
    builders::{NOBODY, after, new_task},
    given,
};
use fasttrack_domain::{
    id::{ProjectId, TaskId},
    patch::Patch,
    ports::{
        RepositoryError, comment::CommentRepository, constraint, outbox::Outbox, project::ProjectRepository,
        task::TaskRepository, user::UserRepository,
    },
    task::{NewTask, Task, TaskChange, TaskInProject, TaskPatch},
};

ports! {
    users: UserRepository,
    projects: ProjectRepository,
    tasks: TaskRepository,
    comments: CommentRepository,
    outbox: Outbox,
}

pub(super) async fn find(ports: &Ports, id: TaskId) -> TaskInProject {
    ports.tasks.find(id, NOBODY).await.unwrap().unwrap()
}

pub(super) async fn exists(ports: &Ports, id: TaskId) -> bool {
    ports.tasks.find(id, NOBODY).await.unwrap().is_some()
}

/// Creates a task under another one, or at the top.
pub(super) async fn create(
    ports: &Ports,
    project: ProjectId,
    parent_id: Option<TaskId>,
) -> Result<Task, RepositoryError> {
    let project = ports.tasks.find_project(project, NOBODY).await.unwrap().unwrap();
    ports.tasks.create(NewTask { parent_id, ..new_task(&project) }, None).await
}

/// As many tasks, each under the one before it; the first is under `parent`, or at the top.
pub(super) async fn given_chain(
    ports: &Ports,
    project: ProjectId,
    parent: Option<TaskId>,
    length: usize,
) -> Vec<TaskId> {
    let (mut chain, mut above) = (Vec::new(), parent);
    for _ in 0..length {
        let task = create(ports, project, above).await.unwrap();
        above = Some(task.id);
        chain.push(task.id);
    }
    chain
}

/// The change of the task as it is now that puts it under `parent`.
pub(super) async fn under(ports: &Ports, task: TaskId, parent: TaskId) -> TaskChange {
    let found = find(ports, task).await;
    let patch = TaskPatch { parent_id: Patch::Set(parent), ..TaskPatch::default() };
    found.apply(patch, found.project.owner_id, after(5)).unwrap().unwrap()
}

/// Whether a change or creation was committed; otherwise it is refused because of the parent.
pub(super) fn is_committed<T>(result: Result<T, RepositoryError>) -> bool {
    match result {
        Ok(_) => true,
        Err(error) => {
            assert!(error.is_conflict(constraint::PARENT), "{error:?}");
            false
        }
    }
}

/// The number of levels down to the task. Panics where it is under itself.
pub(super) async fn level(ports: &Ports, task: TaskId) -> usize {
    let (mut levels, mut at) = (1, task);
    while let Some(parent) = find(ports, at).await.task.parent_id {
        assert!(levels < 100, "{task} is in a circle");
        levels += 1;
        at = parent;
    }
    levels
}

/// Deletes the task as the owner of its project.
pub(super) async fn delete(ports: &Ports, task: TaskId) -> bool {
    match ports.tasks.find(task, NOBODY).await.unwrap() {
        Some(found) => ports.tasks.delete(found.remove(found.project.owner_id, after(9))).await.unwrap(),
        None => false,
    }
}

/// A project, to which every task of the test belongs.
pub(super) async fn given_project(ports: &Ports) -> ProjectId {
    given::project_with_owner(ports).await.0.id
}
