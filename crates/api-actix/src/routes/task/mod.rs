//! `/tasks`, and the tasks of a project.

mod list;

use crate::{
    api::Api,
    http::{
        caller::Caller,
        error::ApiError,
        reply::{NoContent, Reply, Result},
    },
    input::{
        Input, Nothing,
        body::Json,
        fault::Faults,
        field::{ById, NonNull},
        idempotency::Keyed,
    },
    openapi::{
        parameters::{ChangeConditions, DeleteConditions, IdempotencyKey, ReadConditions},
        responses::{IdempotencyKeyReused, NotEditorForbidden, NotModified, NotReaderForbidden, PreconditionFailed},
    },
    payload::{envelope::Enveloped, task::TaskPayload, word},
};
use actix_web::{delete, get, patch, post, web::Data};
use deserr::Deserr;
use fasttrack_app::{
    Creation,
    task::{CreateTask, DeleteTask, UpdateTask},
};
use fasttrack_domain::{
    id::{ProjectId, TaskId, UserId},
    patch::Patch,
    task::{TaskDraft, TaskPatch, TaskPriority, TaskStatus},
    text::{Description, TaskTitle},
};
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

pub fn configure(config: &mut ServiceConfig<'_>) {
    config.service(create).configure(list::configure).service(get).service(update).service(delete);
}

/// A new task.
#[derive(Deserr, ToSchema)]
#[deserr(error = Faults, deny_unknown_fields)]
#[schema(example = json!({"title": "Paint the fence", "priority": "high", "assignee_id": 2}))]
pub struct CreateTaskBody {
    #[schema(value_type = String, min_length = 1, max_length = 200)]
    title: TaskTitle,
    #[deserr(default)]
    #[schema(value_type = Option<String>, max_length = 10_000)]
    description: Option<Description>,
    /// `todo` where absent; a task may start in any status.
    #[deserr(default)]
    #[schema(schema_with = word::task_status, required = false)]
    status: NonNull<TaskStatus>,
    /// `medium` where absent.
    #[deserr(default)]
    #[schema(schema_with = word::task_priority, required = false)]
    priority: NonNull<TaskPriority>,
    /// An active user.
    #[deserr(default)]
    #[schema(value_type = Option<i64>)]
    assignee_id: Option<UserId>,
}

/// Add a task to a project.
///
/// For the project's owner, editors, and administrators. A new task may start in any status, and whoever it is assigned
/// to is notified: any active user, with whom that shares this one task. An archived project takes none (409
/// `conflict`). With an `Idempotency-Key` the request may be sent again without making a second task.
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
    )
)]
#[post("/projects/{id}/tasks")]
async fn create(
    api: Data<Api>,
    caller: Caller,
    input: Input<ById<ProjectId>, Nothing, Keyed<CreateTaskBody>>,
) -> Result<TaskPayload> {
    let Keyed { body: CreateTaskBody { title, description, status, priority, assignee_id }, request } = input.body;
    let command = CreateTask {
        actor: caller.actor(),
        project_id: input.path.id.0,
        draft: TaskDraft {
            title,
            description,
            status: status.0.unwrap_or_default(),
            priority: priority.0.unwrap_or_default(),
            assignee_id,
        },
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
/// overwriting somebody else's. The assignee's name is no part of the version.
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
    )
)]
#[get("/tasks/{id}")]
async fn get(api: Data<Api>, caller: Caller, input: Input<ById<TaskId>>) -> Result<TaskPayload> {
    let view = api.use_cases.tasks.get(caller.actor(), input.path.id.0).await?;
    Ok(Reply::ok_version(view.task.version, view.into()))
}

/// The fields to change; an absent one stays as it is.
#[derive(Deserr, ToSchema)]
#[deserr(error = Faults, deny_unknown_fields)]
#[schema(example = json!({"status": "in_progress", "assignee_id": null}))]
pub struct PatchTaskBody {
    #[deserr(default)]
    #[schema(value_type = String, required = false, min_length = 1, max_length = 200)]
    title: NonNull<TaskTitle>,
    #[deserr(default)]
    #[schema(value_type = Option<String>, max_length = 10_000)]
    description: Patch<Description>,
    /// One step either way along `todo` – `in_progress` – `done`.
    #[deserr(default)]
    #[schema(schema_with = word::task_status, required = false)]
    status: NonNull<TaskStatus>,
    #[deserr(default)]
    #[schema(schema_with = word::task_priority, required = false)]
    priority: NonNull<TaskPriority>,
    /// An active user, or null for nobody.
    #[deserr(default)]
    #[schema(value_type = Option<i64>)]
    assignee_id: Patch<UserId>,
}

/// Change a task.
///
/// For the project's owner, editors, the task's assignee, and administrators. The body is a JSON merge patch (RFC 7396):
/// absent fields stay, `null` clears `description` and `assignee_id`. `status` moves one step either way along
/// `todo`, `in_progress`, `done` (409 `invalid_status_transition` otherwise). The project's owner and the assignee
/// are notified of what others change.
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
    )
)]
#[patch("/tasks/{id}")]
async fn update(
    api: Data<Api>,
    caller: Caller,
    input: Input<ById<TaskId>, Nothing, Json<PatchTaskBody>>,
) -> Result<TaskPayload> {
    let PatchTaskBody { title, description, status, priority, assignee_id } = input.body.0;
    let patch = TaskPatch { title: title.0, description, status: status.0, priority: priority.0, assignee_id };
    let command = UpdateTask {
        actor: caller.actor(),
        id: input.path.id.0,
        patch,
        precondition: input.precondition,
        origin: input.origin,
    };
    let view = api.use_cases.tasks.update(command).await?;
    Ok(Reply::ok_version(view.task.version, view.into()))
}

/// Delete a task.
///
/// For the project's owner, editors, and administrators; being the assignee isn't enough. Its comments are deleted with
/// it, for good.
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
    )
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
