//! Single labels of a task.

use crate::{
    api::Api,
    http::{caller::Caller, error::ApiError, reply::NoContent},
    input::{Input, fault::Faults, field::Text},
    openapi::Routes,
};
use actix_web::{delete, put, web::Data};
use deserr::Deserr;
use fasttrack_app::task::SetTaskLabel;
use fasttrack_domain::id::{LabelId, TaskId};

pub fn configure(config: &mut Routes<'_>) {
    config.service(add).service(remove);
}

/// `path.id` and `path.label_id`
#[derive(Deserr)]
#[deserr(error = Faults)]
pub struct TaskLabelPath {
    id: Text<TaskId>,
    label_id: Text<LabelId>,
}

async fn set(api: &Api, caller: &Caller, input: Input<TaskLabelPath>, is_set: bool) -> Result<NoContent, ApiError> {
    let command = SetTaskLabel {
        actor: caller.actor(),
        task_id: input.path.id.0,
        label_id: input.path.label_id.0,
        is_set,
        origin: input.origin,
    };
    api.use_cases.tasks.set_label(command).await?;
    Ok(NoContent)
}

/// Put a label on a task.
///
/// For the project's owner, editors, the task's assignee, and administrators. Only this label changes, whatever else
/// happens to the task at that moment; the task gets a new version unless it has the label already. A label of another
/// project is 404.
#[utoipa::path(
    operation_id = "addTaskLabel",
    tag = "tasks",
    params(
        ("id" = i64, Path, description = "The task"),
        ("label_id" = i64, Path, description = "A label of its project"),
    ),
    responses(
        (status = 204, description = "The task has the label"),
        (status = 403, description = "`forbidden`: neither the project's owner, an editor, nor the assignee"),
        (status = 404, description = "`not_found`: no such task, or no such label in its project"),
        (status = 409, description = "`quota_exceeded`: it has as many labels as it may"),
    ),
    security(("apiToken" = ["tasks:write"]))
)]
#[put("/tasks/{id}/labels/{label_id}")]
async fn add(api: Data<Api>, caller: Caller, input: Input<TaskLabelPath>) -> Result<NoContent, ApiError> {
    set(&api, &caller, input, true).await
}

/// Take a label off a task.
///
/// For the project's owner, editors, the task's assignee, and administrators. Only this label changes, whatever else
/// happens to the task at that moment; the task gets a new version if it had the label. A label of another project is
/// 404.
#[utoipa::path(
    operation_id = "removeTaskLabel",
    tag = "tasks",
    params(
        ("id" = i64, Path, description = "The task"),
        ("label_id" = i64, Path, description = "A label of its project"),
    ),
    responses(
        (status = 204, description = "The task doesn't have the label"),
        (status = 403, description = "`forbidden`: neither the project's owner, an editor, nor the assignee"),
        (status = 404, description = "`not_found`: no such task, or no such label in its project"),
    ),
    security(("apiToken" = ["tasks:write"]))
)]
#[delete("/tasks/{id}/labels/{label_id}")]
async fn remove(api: Data<Api>, caller: Caller, input: Input<TaskLabelPath>) -> Result<NoContent, ApiError> {
    set(&api, &caller, input, false).await
}
