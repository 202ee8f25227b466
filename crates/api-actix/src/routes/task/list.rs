//! The lists of tasks.

use crate::{
    api::Api,
    http::{
        caller::Caller,
        reply::{Reply, Result},
    },
    input::{
        Input, Nothing,
        fault::Faults,
        field::{ById, FilterId, NonNull, Text},
        page::{PageCursor, PageLimit, page},
    },
    openapi::responses::NotMemberForbidden,
    payload::{envelope::Enveloped, page::PagePayload, task::TaskPayload, word},
};
use actix_web::{get, web::Data};
use deserr::Deserr;
use fasttrack_app::task::{ListAssignedTasks, ListProjectTasks};
use fasttrack_domain::{
    id::{ProjectId, UserId},
    task::{TaskFilter, TaskPriority, TaskStatus},
};
use utoipa::IntoParams;
use utoipa_actix_web::service_config::ServiceConfig;

pub fn configure(config: &mut ServiceConfig<'_>) {
    config.service(list_in_project).service(list_assigned);
}

/// Which tasks.
#[derive(Deserr, IntoParams)]
#[deserr(error = Faults)]
#[into_params(parameter_in = Query)]
pub struct ListTasksQuery {
    #[deserr(default)]
    #[param(schema_with = word::task_status, required = false)]
    status: NonNull<TaskStatus>,
    #[deserr(default)]
    #[param(schema_with = word::task_priority, required = false)]
    priority: NonNull<TaskPriority>,
    /// Only what this user is to do.
    #[deserr(default)]
    #[param(value_type = Option<i64>)]
    assignee_id: NonNull<Text<FilterId<UserId>>>,
    /// Most items of the page.
    #[deserr(default)]
    #[param(value_type = Option<i64>, minimum = 1, maximum = 100, default = 20)]
    limit: PageLimit,
    /// The `next_cursor` of the page before; opaque.
    #[deserr(default)]
    #[param(value_type = Option<String>, example = "eyJpZCI6IDQyfQ")]
    cursor: PageCursor,
}

/// List a project's tasks.
///
/// For the project's members and administrators; whoever has no role there finds assigned tasks at `GET /tasks`. Gives a
/// page by ascending id. Of several filters all have to match.
#[utoipa::path(
    operation_id = "listProjectTasks",
    tag = "tasks",
    params(("id" = i64, Path, description = "The project"), ListTasksQuery),
    responses(
        (status = 200, description = "A page of tasks", body = Enveloped<PagePayload<TaskPayload>>),
        NotMemberForbidden,
    )
)]
#[get("/projects/{id}/tasks")]
async fn list_in_project(
    api: Data<Api>,
    caller: Caller,
    input: Input<ById<ProjectId>, ListTasksQuery>,
) -> Result<PagePayload<TaskPayload>> {
    let ListTasksQuery { status, priority, assignee_id, limit, cursor } = input.query;
    let command = ListProjectTasks {
        actor: caller.actor(),
        project_id: input.path.id.0,
        filter: TaskFilter {
            status: status.0,
            priority: priority.0,
            assignee_id: assignee_id.0.map(|id| id.0.0),
            completed: None,
        },
        page: page(&limit, &cursor),
    };
    Ok(Reply::ok(api.use_cases.tasks.list_in_project(command).await?.into()))
}

/// List the tasks that are assigned to the caller.
///
/// For every user. Gives a page by ascending id of the caller's tasks, whatever their project. Of several filters all
/// have to match.
#[utoipa::path(
    operation_id = "listAssignedTasks",
    tag = "tasks",
    params(ListTasksQuery),
    responses((status = 200, description = "A page of tasks", body = Enveloped<PagePayload<TaskPayload>>))
)]
#[get("/tasks")]
async fn list_assigned(
    api: Data<Api>,
    caller: Caller,
    input: Input<Nothing, ListTasksQuery>,
) -> Result<PagePayload<TaskPayload>> {
    let ListTasksQuery { status, priority, assignee_id, limit, cursor } = input.query;
    let command = ListAssignedTasks {
        actor: caller.actor(),
        status: status.0,
        priority: priority.0,
        assignee_id: assignee_id.0.map(|id| id.0.0),
        page: page(&limit, &cursor),
    };
    Ok(Reply::ok(api.use_cases.tasks.list_assigned(command).await?.into()))
}
