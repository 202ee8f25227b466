//! `/tasks`, and the tasks of a project.

pub mod body;
mod bulk;
mod label;
mod list;
mod move_to;
mod query;

use crate::{
    api::Api,
    http::{
        caller::Caller,
        error::ApiError,
        reply::{NoContent, Reply, Result},
    },
    input::{Input, Nothing, body::Json, field::ById, idempotency::Keyed},
    openapi::{
        Routes,
        parameters::{ChangeConditions, DeleteConditions, IdempotencyKey, ReadConditions},
        responses::{IdempotencyKeyReused, NotEditorForbidden, NotModified, NotReaderForbidden, PreconditionFailed},
    },
    payload::{envelope::Enveloped, task::TaskPayload},
};
use actix_web::{delete, get, patch, post, web::Data};
use body::{CreateTaskBody, PatchTaskBody};
use fasttrack_app::{
    Creation,
    task::{CreateTask, DeleteTask, UpdateTask},
};
use fasttrack_domain::id::{ProjectId, TaskId};

pub fn configure(config: &mut Routes<'_>) {
    config
        .service(create)
        .configure(list::configure)
        .service(get)
        .service(update)
        .service(delete)
        .configure(move_to::configure)
        .configure(label::configure)
        .configure(bulk::configure);
}

/// Add a task to a project.
///
/// For the project's owner, editors, and administrators. A new task may start in any status, and whoever it is assigned
/// to is notified: any active user, with whom that shares this one task. It comes last in the order of the project's
/// tasks. An archived project takes none (409 `conflict`). With an `Idempotency-Key` the request may be sent again
/// without making a second task. A reminder that isn't in the future is 400 with the detail code `past`, a label of
/// another project with `unknown_label`, a task of another project as parent with `unknown_task`, and one that has four
/// above it with `too_deep`.
#[utoipa::path(
    operation_id = "createTask",
    tag = "tasks",
    params(
        ("id" = i64, Path, description = "The project"),
        IdempotencyKey,
    ),
    request_body = CreateTaskBody,
    responses(
        (
            status = 201, description = "The task", body = Enveloped<TaskPayload>,
            headers(
                ("Location", description = "Where it is"), ("ETag", description = "Its version"),
                ("Idempotency-Replayed", description = "`true` where this was done before, by the same key")
            )
        ),
        NotEditorForbidden,
        (status = 409, description = "`conflict`: the project is archived; `quota_exceeded`: it has as many tasks as it may"),
        IdempotencyKeyReused,
    ),
    security(("apiToken" = ["tasks:write"]))
)]
#[post("/projects/{id}/tasks")]
async fn create(
    api: Data<Api>,
    caller: Caller,
    input: Input<ById<ProjectId>, Nothing, Keyed<CreateTaskBody>>,
) -> Result<TaskPayload> {
    let Keyed { body, request } = input.body;
    let command = CreateTask {
        actor: caller.actor(),
        project_id: input.path.id.0,
        draft: body.into(),
        origin: input.origin,
        request,
    };
    let Creation { entity: view, replayed } = api.use_cases.tasks.create(command).await?;
    let (location, version) = (format!("/tasks/{}", view.task.id), view.task.version);
    Ok(Reply::created(view.into()).at(location).version(version).replayed(replayed))
}

/// Show a task.
///
/// For the project's members, the task's assignee, and administrators. The `ETag` of the answer is the version: sent as
/// `If-None-Match` it gives 304 while nothing has changed, sent as `If-Match` with a change it guards against
/// overwriting somebody else's. Names of people and labels are no part of the version, and a reminder that is given or a
/// label that is deleted disappears without a new one.
#[utoipa::path(
    operation_id = "getTask",
    tag = "tasks",
    params(
        ("id" = i64, Path, description = "The task"),
        ReadConditions,
    ),
    responses(
        (
            status = 200, description = "The task", body = Enveloped<TaskPayload>,
            headers(("ETag", description = "Its version"))
        ),
        NotModified,
        NotReaderForbidden,
        PreconditionFailed,
    ),
    security(("apiToken" = ["tasks:read"]))
)]
#[get("/tasks/{id}")]
async fn get(api: Data<Api>, caller: Caller, input: Input<ById<TaskId>>) -> Result<TaskPayload> {
    let view = api.use_cases.tasks.get(caller.actor(), input.path.id.0).await?;
    Ok(Reply::ok_version(view.task.version, view.into()))
}

/// Change a task.
///
/// For the project's owner, editors, the task's assignee, and administrators. The body is a JSON merge patch (RFC 7396):
/// absent fields stay, `null` clears `description`, `assignee_id`, `due` and `parent_id`; `reminders` and `labels`
/// replace the whole set. `status` moves one step either way along `todo`, `in_progress`, `done` (409
/// `invalid_status_transition` otherwise). The project's owner and the assignee are notified of what others change. A
/// parent that is the task itself or under it is 400 with the detail code `cycle`, one that leads to more than five
/// levels with `too_deep`.
#[utoipa::path(
    operation_id = "updateTask",
    tag = "tasks",
    params(
        ("id" = i64, Path, description = "The task"),
        ChangeConditions,
    ),
    request_body = PatchTaskBody,
    responses(
        (
            status = 200, description = "The task", body = Enveloped<TaskPayload>,
            headers(("ETag", description = "Its version"))
        ),
        (status = 403, description = "`forbidden`: neither the project's owner, an editor, nor the assignee"),
        (status = 409, description = "`invalid_status_transition`: more than one step"),
        PreconditionFailed,
    ),
    security(("apiToken" = ["tasks:write"]))
)]
#[patch("/tasks/{id}")]
async fn update(
    api: Data<Api>,
    caller: Caller,
    input: Input<ById<TaskId>, Nothing, Json<PatchTaskBody>>,
) -> Result<TaskPayload> {
    let command = UpdateTask {
        actor: caller.actor(),
        id: input.path.id.0,
        patch: input.body.0.into(),
        precondition: input.precondition,
        origin: input.origin,
    };
    let view = api.use_cases.tasks.update(command).await?;
    Ok(Reply::ok_version(view.task.version, view.into()))
}

/// Delete a task.
///
/// For the project's owner, editors, and administrators; being the assignee isn't enough. Its comments and the tasks
/// under it are deleted with it, for good.
#[utoipa::path(
    operation_id = "deleteTask",
    tag = "tasks",
    params(
        ("id" = i64, Path, description = "The task"),
        DeleteConditions,
    ),
    responses(
        (status = 204, description = "Deleted"),
        NotEditorForbidden,
        PreconditionFailed,
    ),
    security(("apiToken" = ["tasks:write"]))
)]
#[delete("/tasks/{id}")]
async fn delete(
    api: Data<Api>,
    caller: Caller,
    input: Input<ById<TaskId>>,
) -> std::result::Result<NoContent, ApiError> {
    let command = DeleteTask {
        actor: caller.actor(),
        id: input.path.id.0,
        precondition: input.precondition,
        origin: input.origin,
    };
    api.use_cases.tasks.delete(command).await?;
    Ok(NoContent)
}

#[cfg(test)]
mod tests;
