//! The ports of the search, and what the cases have in common.

use crate::{
    builders::{NOBODY, after, description, title},
    given,
};
use fasttrack_domain::{
    id::{ProjectId, TaskId, UserId},
    page::Limit,
    ports::{
        erasure::ErasureRepository, member::MemberRepository, project::ProjectRepository, search::SearchRepository,
        task::TaskRepository, user::UserRepository,
    },
    search::SearchQuery,
    task::{NewTask, Task, TaskFilter, TaskInProject, TaskPage, TaskPageRequest, TaskPatch, TaskQuery},
};

ports! {
    users: UserRepository,
    projects: ProjectRepository,
    members: MemberRepository,
    erasures: ErasureRepository,
    tasks: TaskRepository,
    search: SearchRepository,
}

pub(super) fn searched(text: &str) -> TaskQuery {
    let search = Some(SearchQuery::parse(text).unwrap());
    TaskQuery { filter: TaskFilter { search, ..TaskFilter::default() }, ..TaskQuery::default() }
}

pub(super) fn everything() -> TaskPageRequest {
    TaskPageRequest { limit: Limit::new(100).unwrap(), cursor: None }
}

pub(super) fn ids(page: TaskPage) -> Vec<TaskId> {
    page.items.into_iter().map(|view| view.task.id).collect()
}

/// The tasks of the project that are found by this text, by ascending id.
pub(super) async fn found(ports: &Ports, project: ProjectId, text: &str) -> Vec<TaskId> {
    ids(ports.tasks.list_in_project(project, NOBODY, searched(text), everything()).await.unwrap().unwrap().page)
}

/// The tasks of this assignee that are found by this text.
pub(super) async fn found_assigned(ports: &Ports, assignee: UserId, text: &str) -> Vec<TaskId> {
    ids(ports.tasks.list_assigned(assignee, searched(text), everything()).await.unwrap())
}

/// The tasks that this user may read and that are found by this text; of all projects with `all`.
pub(super) async fn found_visible(ports: &Ports, reader: UserId, all: bool, text: &str) -> Vec<TaskId> {
    ids(ports.tasks.list_visible(reader, all, searched(text), everything()).await.unwrap())
}

pub(super) async fn given_project(ports: &Ports) -> ProjectId {
    given::project_with_owner(ports).await.0.id
}

/// A task with this title and no description.
pub(super) async fn given_titled(ports: &Ports, project: ProjectId, text: &str) -> Task {
    given::task_with(ports, project, |task| NewTask { title: title(text), description: None, ..task }).await
}

/// A task with this description, whose title has the word `other`.
pub(super) async fn given_described(ports: &Ports, project: ProjectId, text: &str) -> Task {
    let described = |task| NewTask { title: title("Other"), description: Some(description(text)), ..task };
    given::task_with(ports, project, described).await
}

pub(super) async fn find(ports: &Ports, id: TaskId) -> TaskInProject {
    ports.tasks.find(id, NOBODY).await.unwrap().unwrap()
}

/// Changes the task as it is now.
pub(super) async fn change(ports: &Ports, id: TaskId, patch: TaskPatch) -> Task {
    let found = find(ports, id).await;
    let change = found.apply(patch, found.project.owner_id, after(5)).unwrap().unwrap();
    ports.tasks.save(change).await.unwrap().unwrap()
}

pub(super) async fn delete(ports: &Ports, id: TaskId) {
    let found = find(ports, id).await;
    assert!(ports.tasks.delete(found.remove(found.project.owner_id, after(9))).await.unwrap());
}
