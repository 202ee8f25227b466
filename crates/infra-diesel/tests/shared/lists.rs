//! Calls every list with every combination of its filters, for the tests of query plans.

use fasttrack_domain::{
    Timestamp,
    audit::AuditFilter,
    email::Email,
    id::{ProjectId, TaskId, UserId},
    membership::MemberRole,
    page::{Cursor, PageRequest},
    ports::Repositories,
    project::{ProjectFilter, ProjectStatus},
    search::SearchQuery,
    task::{
        IdFilter, Task, TaskCursor, TaskFilter, TaskList, TaskOrder, TaskPageRequest, TaskPriority, TaskProject,
        TaskQuery, TaskSort, TaskStatus,
    },
    user::{Role, UserFilter},
};
use fasttrack_testkit::builders::{due, new_task};

/// Requests one list after the other, and calls `requested` after each with the columns of its filters.
pub async fn each(repositories: &Repositories, mut requested: impl AsyncFnMut(Vec<&'static str>)) {
    let Repositories { users, projects, members, tasks, audit, .. } = repositories;
    let (user, project) = (UserId::new(1), ProjectId::new(1));
    let page = PageRequest { cursor: Some(Cursor::after(1)), ..PageRequest::default() };
    for role in [None, Some(Role::Admin)] {
        for is_active in [None, Some(true)] {
            users.list(UserFilter { role, is_active, email: None }, page).await.unwrap();
            requested(columns([("role", role.is_some()), ("is_active", is_active.is_some())])).await;
            let email = Some(Email::parse("ann@example.org").unwrap());
            users.list(UserFilter { role, is_active, email }, page).await.unwrap();
            // At most one account has it, whatever the other filters are.
            requested(vec!["email"]).await;
        }
    }
    for status in [None, Some(ProjectStatus::Active)] {
        projects.list(ProjectFilter { all: true, status, ..ProjectFilter::of(user) }, page).await.unwrap();
        requested(columns([("status", status.is_some())])).await;
        for role in [None, Some(MemberRole::Editor)] {
            projects.list(ProjectFilter { role, status, ..ProjectFilter::of(user) }, page).await.unwrap();
            // The status is compared with each project of the user.
            requested(columns([("user_id", true), ("role", role.is_some())])).await;
        }
    }
    members.list(project, user, page).await.unwrap();
    requested(vec!["project_id"]).await;
    for (actor_id, object) in [(None, true), (Some(user), false), (Some(user), true)] {
        for since in [None, Some(Timestamp::UNIX_EPOCH)] {
            let filter = AuditFilter { actor_id, object: object.then(|| "user/5".to_owned()), since };
            audit.list(filter, PageRequest::default()).await.unwrap();
            requested(columns([("actor_id", actor_id.is_some()), ("object", object)])).await;
        }
    }
    for status in [None, Some(TaskStatus::Todo)] {
        for priority in [None, Some(TaskPriority::Low)] {
            for completed in [None, Some(false)] {
                let of_tasks = [("status", status.is_some() || completed.is_some()), ("priority", priority.is_some())];
                let filter = TaskFilter { status, priority, completed, ..TaskFilter::default() };
                let (query, page) = (by_id(filter.clone()), page.map(TaskCursor::from));
                tasks.list_assigned(user, query, page.clone()).await.unwrap();
                requested(columns([("assignee_id", true)].into_iter().chain(of_tasks))).await;
                for assignee_id in [None, Some(IdFilter::Id(user))] {
                    let filter = TaskFilter { assignee_id, ..filter.clone() };
                    tasks.list_in_project(project, user, by_id(filter), page.clone()).await.unwrap();
                    let scope = [("project_id", true), ("assignee_id", assignee_id.is_some())];
                    requested(columns(scope.into_iter().chain(of_tasks))).await;
                }
            }
        }
    }
}

fn by_id(filter: TaskFilter) -> TaskQuery {
    TaskQuery { filter, sort: TaskSort::default() }
}

/// The orders of tasks, with what their indexes are named by.
const ORDERS: [(TaskOrder, &str); 5] = [
    (TaskOrder::Id, ""),
    (TaskOrder::Position, "_position"),
    (TaskOrder::Due, "_due_at"),
    (TaskOrder::Priority, "_priority"),
    (TaskOrder::UpdatedAt, "_updated_at"),
];

/// Requests the tasks of a project and of a user in one order after the other, and calls `requested` after each with the
/// index that has the order.
pub async fn each_order(repositories: &Repositories, mut requested: impl AsyncFnMut(String)) {
    let (user, project) = (UserId::new(1), ProjectId::new(1));
    let tasks = &repositories.tasks;
    for (order, name) in ORDERS {
        for descending in [false, true] {
            let query = TaskQuery { filter: TaskFilter::default(), sort: TaskSort { order, descending } };
            for last in [None, Some(task(true)), Some(task(false))] {
                let page = behind(&query, TaskList::Assigned(user), last.as_ref());
                tasks.list_assigned(user, query.clone(), page).await.unwrap();
                requested(format!("tasks_assignee_id{name}")).await;
                let page = behind(&query, TaskList::InProject(project), last.as_ref());
                tasks.list_in_project(project, user, query.clone(), page).await.unwrap();
                requested(format!("tasks_project_id{name}")).await;
            }
        }
    }
    // The columns of a board.
    let filter = TaskFilter { status: Some(TaskStatus::Todo), ..TaskFilter::default() };
    let query = TaskQuery { filter, sort: TaskSort { order: TaskOrder::Position, descending: false } };
    for last in [None, Some(task(true))] {
        let page = behind(&query, TaskList::InProject(project), last.as_ref());
        tasks.list_in_project(project, user, query.clone(), page).await.unwrap();
        requested("tasks_project_id_status_position".to_owned()).await;
    }
}

/// Searches the tasks of a project, of a user, those that a user may read, and all, in the order of their ids and in another
/// one, and calls `requested` after each.
pub async fn each_search(repositories: &Repositories, mut requested: impl AsyncFnMut()) {
    let (user, project) = (UserId::new(1), ProjectId::new(1));
    let tasks = &repositories.tasks;
    let search = SearchQuery::parse("paint fen").ok();
    for order in [TaskOrder::Id, TaskOrder::Due] {
        let filter = TaskFilter { search: search.clone(), ..TaskFilter::default() };
        let query = TaskQuery { filter, sort: TaskSort { order, descending: false } };
        let page = TaskPageRequest::default();
        tasks.list_in_project(project, user, query.clone(), page.clone()).await.unwrap();
        requested().await;
        tasks.list_assigned(user, query.clone(), page.clone()).await.unwrap();
        requested().await;
        for all in [false, true] {
            tasks.list_visible(user, all, query.clone(), page.clone()).await.unwrap();
            requested().await;
        }
    }
}

/// A task, with or without `due`.
fn task(is_due: bool) -> Task {
    let project = TaskProject {
        id: ProjectId::new(1),
        name: "Garden".parse().unwrap(),
        owner_id: UserId::new(1),
        status: ProjectStatus::Active,
        membership: None,
        has_webhooks: false,
    };
    Task { due: is_due.then(|| due("2026-12-01")), ..new_task(&project).stored(TaskId::new(1)) }
}

/// The page behind a task, or the first one.
fn behind(query: &TaskQuery, list: TaskList, task: Option<&Task>) -> TaskPageRequest {
    TaskPageRequest { cursor: task.map(|task| query.cursor(list, task)), ..TaskPageRequest::default() }
}

fn columns(filters: impl IntoIterator<Item = (&'static str, bool)>) -> Vec<&'static str> {
    filters.into_iter().filter(|(_, is_given)| *is_given).map(|(column, _)| column).collect()
}
