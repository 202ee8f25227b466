//! The lists of tasks.

use super::query::{ScopedTaskListQuery, TaskListParameters, TaskListQuery, TaskScopeParameters};
use crate::{
    api::Api,
    http::{
        caller::Caller,
        reply::{Reply, Result},
    },
    input::{Input, Nothing, field::ById},
    openapi::{Routes, responses::NotMemberForbidden},
    payload::{envelope::Enveloped, page::PagePayload, task::TaskPayload},
};
use actix_web::{get, web::Data};
use fasttrack_app::task::{ListProjectTasks, ListTasks};
use fasttrack_domain::{id::ProjectId, task::TaskList};

pub fn configure(config: &mut Routes<'_>) {
    config.service(list_in_project).service(list_assigned);
}

/// List a project's tasks.
///
/// For the project's members and administrators. Gives a page by ascending id, or in the order of `sort`: equal tasks by
/// ascending id, those without `due` last. All filters have to match. A search or an order that would have to read more
/// than 10,000 tasks for a page is 400 with the detail code `too_broad`: another filter or the order by `id` helps.
#[utoipa::path(
    operation_id = "listProjectTasks",
    tag = "tasks",
    params(("id" = i64, Path, description = "The project"), TaskListParameters),
    responses(
        (status = 200, description = "A page of tasks", body = Enveloped<PagePayload<TaskPayload>>),
        NotMemberForbidden,
    ),
    security(("apiToken" = ["tasks:read"]))
)]
#[get("/projects/{id}/tasks")]
async fn list_in_project(
    api: Data<Api>,
    caller: Caller,
    input: Input<ById<ProjectId>, TaskListQuery>,
) -> Result<PagePayload<TaskPayload>> {
    let project_id = input.path.id.0;
    let (query, page) = input.query.of(TaskList::InProject(project_id))?;
    let command = ListProjectTasks { actor: caller.actor(), project_id, query, page };
    Ok(Reply::ok(api.use_cases.tasks.list_in_project(command).await?.into()))
}

/// List the tasks that are assigned to the caller, or all that it may read.
///
/// For every user. Gives a page of the caller's tasks, whatever their project; with `scope=visible` of all tasks in the
/// caller's projects as well, and of everybody's for administrators. Filters, orders and the detail code `too_broad` are
/// those of a project's tasks.
#[utoipa::path(
    operation_id = "listAssignedTasks",
    tag = "tasks",
    params(TaskListParameters, TaskScopeParameters),
    responses((status = 200, description = "A page of tasks", body = Enveloped<PagePayload<TaskPayload>>)),
    security(("apiToken" = ["tasks:read"]))
)]
#[get("/tasks")]
async fn list_assigned(
    api: Data<Api>,
    caller: Caller,
    input: Input<Nothing, ScopedTaskListQuery>,
) -> Result<PagePayload<TaskPayload>> {
    let ScopedTaskListQuery { scope, tasks } = input.query;
    let actor = caller.actor();
    let (query, page) = tasks.of(scope.list(actor.id))?;
    Ok(Reply::ok(api.use_cases.tasks.list(ListTasks { actor, scope, query, page }).await?.into()))
}
