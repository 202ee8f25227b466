//! The ports of positions, and what the cases have in common.

use crate::{
    builders::{NOBODY, after},
    given,
};
use fasttrack_domain::{
    id::{ProjectId, TaskId},
    page::Limit,
    ports::{constraint, project::ProjectRepository, task::TaskRepository, user::UserRepository},
    task::{Gap, Place, Task, TaskChange, TaskFilter, TaskInProject, TaskOrder, TaskPageRequest, TaskQuery, TaskSort},
};

ports! { users: UserRepository, projects: ProjectRepository, tasks: TaskRepository }

pub(super) async fn find(ports: &Ports, id: TaskId) -> TaskInProject {
    ports.tasks.find(id, NOBODY).await.unwrap().unwrap()
}

pub(super) async fn given_project(ports: &Ports) -> ProjectId {
    given::project_with_owner(ports).await.0.id
}

pub(super) async fn given_tasks(ports: &Ports, project: ProjectId, n: usize) -> Vec<TaskId> {
    let mut ids = Vec::new();
    for _ in 0..n {
        ids.push(given::task(ports, project).await.id);
    }
    ids
}

pub(super) fn by_position(descending: bool) -> TaskQuery {
    TaskQuery { filter: TaskFilter::default(), sort: TaskSort { order: TaskOrder::Position, descending } }
}

/// Every task of the project, by position.
pub(super) async fn ordered(ports: &Ports, project: ProjectId, descending: bool) -> Vec<Task> {
    let (mut tasks, mut request) = (Vec::new(), TaskPageRequest { limit: Limit::new(100).unwrap(), cursor: None });
    loop {
        let listed = ports.tasks.list_in_project(project, NOBODY, by_position(descending), request.clone()).await;
        let page = listed.unwrap().unwrap().page;
        tasks.extend(page.items.into_iter().map(|view| view.task));
        request.cursor = page.next;
        if request.cursor.is_none() {
            return tasks;
        }
    }
}

/// The ids in the order of the project, which is the same from both ends, and that of the positions.
pub(super) async fn order(ports: &Ports, project: ProjectId) -> Vec<TaskId> {
    let tasks = ordered(ports, project, false).await;
    let positions: Vec<_> = tasks.iter().map(Task::position).collect();
    assert!(positions.is_sorted_by(|a, b| a < b), "{positions:?}");
    let ids: Vec<_> = tasks.into_iter().map(|task| task.id).collect();
    let backwards: Vec<_> = ordered(ports, project, true).await.into_iter().map(|task| task.id).rev().collect();
    assert_eq!(backwards, ids);
    ids
}

pub(super) async fn gap(ports: &Ports, moved: TaskId, place: Place) -> Gap {
    let project = find(ports, moved).await.project.id;
    ports.tasks.find_gap(project, moved, place).await.unwrap().unwrap()
}

/// The move of the task as it is now.
pub(super) async fn decide(ports: &Ports, moved: TaskId, place: Place) -> TaskChange {
    let found = find(ports, moved).await;
    let gap = gap(ports, moved, place).await;
    found.move_to(&gap, found.project.owner_id, after(5)).unwrap()
}

/// Moves the task as use cases do: again, until the move is neither overtaken nor a conflict.
pub(super) async fn move_to(ports: &Ports, moved: TaskId, place: Place) {
    loop {
        match ports.tasks.save(decide(ports, moved, place).await).await {
            Ok(Some(_)) => return,
            Ok(None) => {}
            Err(error) => assert!(error.is_conflict(constraint::POSITION), "{error:?}"),
        }
    }
}

/// Where a move puts the task in a list.
pub(super) fn move_in(order: &mut Vec<TaskId>, moved: TaskId, place: Place) {
    order.retain(|id| *id != moved);
    let at = |neighbor: TaskId| order.iter().position(|id| *id == neighbor).unwrap();
    let index = match place {
        Place::First => 0,
        Place::After(neighbor) => at(neighbor) + 1,
        Place::Before(neighbor) => at(neighbor),
    };
    order.insert(index, moved);
}
