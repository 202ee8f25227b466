//! Many tasks of a project at once, all or none.

use super::body::{CreateTaskBody, PatchTaskBody};
use crate::{
    api::Api,
    http::{
        caller::Caller,
        reply::{Reply, Result},
    },
    input::{
        Input, Nothing,
        array::array,
        body::{Json, MAX_BULK_BYTES},
        fault::Faults,
        field::ById,
        idempotency::Keyed,
    },
    openapi::{
        Routes,
        parameters::IdempotencyKey,
        responses::{BulkPayloadTooLarge, IdempotencyKeyReused, NotEditorForbidden},
    },
    payload::{envelope::Enveloped, task::TasksPayload},
};
use actix_web::{patch, post, web::Data};
use deserr::{Deserr, IntoValue, Value, ValuePointerRef};
use fasttrack_app::{
    Creation,
    task::{CreateTasks, UpdateTasks},
};
use fasttrack_domain::{
    id::ProjectId,
    task::{BulkDrafts, BulkIds, TaskDraft},
};
use utoipa::ToSchema;

pub fn configure(config: &mut Routes<'_>) {
    config.service(create).service(update);
}

/// New tasks.
#[derive(Deserr, ToSchema)]
#[deserr(error = Faults, deny_unknown_fields)]
#[schema(example = json!({"tasks": [
    {"title": "Paint the fence", "priority": "high", "assignee_id": 2}, {"title": "Oil the gate", "due": "2026-12-01"}
]}))]
pub struct CreateTasksBody {
    #[schema(value_type = Vec<CreateTaskBody>, min_items = 1, max_items = 500)]
    tasks: Drafts,
}

/// The drafts of several [`CreateTaskBody`]s.
struct Drafts(BulkDrafts);

impl Deserr<Faults> for Drafts {
    fn deserialize_from_value<V: IntoValue>(
        value: Value<V>,
        at: ValuePointerRef<'_>,
    ) -> std::result::Result<Self, Faults> {
        array(value, at, |bodies: Vec<CreateTaskBody>| {
            BulkDrafts::parse(bodies.into_iter().map(TaskDraft::from).collect()).map(Self)
        })
    }
}

/// Add many tasks to a project.
///
/// For the project's owner, editors, and administrators. Either all of the tasks are made or none, each as
/// `POST /projects/{id}/tasks` makes one, and they come in the order of the request. A fault names the task:
/// `tasks.3.title` is the title of the fourth. With an `Idempotency-Key` the request may be sent again without making
/// other tasks.
#[utoipa::path(
    operation_id = "createTasks",
    tag = "tasks",
    params(
        ("id" = i64, Path, description = "The project"),
        IdempotencyKey,
    ),
    request_body = CreateTasksBody,
    responses(
        (
            status = 201, description = "The tasks, in the order of the request", body = Enveloped<TasksPayload>,
            headers(("Idempotency-Replayed", description = "`true` where this was done before, by the same key"))
        ),
        NotEditorForbidden,
        (status = 409, description = "`conflict`: the project is archived; `quota_exceeded`: it would have more tasks than it may"),
        BulkPayloadTooLarge,
        IdempotencyKeyReused,
    ),
    security(("apiToken" = ["tasks:write"]))
)]
#[post("/projects/{id}/tasks/bulk")]
async fn create(
    api: Data<Api>,
    caller: Caller,
    input: Input<ById<ProjectId>, Nothing, Keyed<CreateTasksBody, MAX_BULK_BYTES>>,
) -> Result<TasksPayload> {
    let Keyed { body, request } = input.body;
    let command = CreateTasks {
        actor: caller.actor(),
        project_id: input.path.id.0,
        drafts: body.tasks.0,
        origin: input.origin,
        request,
    };
    let Creation { entity: views, replayed } = api.use_cases.tasks.create_all(command).await?;
    Ok(Reply::created(views.into()).replayed(replayed))
}

/// One change of many tasks.
#[derive(Deserr, ToSchema)]
#[deserr(error = Faults, deny_unknown_fields)]
#[schema(example = json!({"ids": [1, 2], "patch": {"status": "done"}}))]
pub struct UpdateTasksBody {
    /// Different tasks of the project.
    #[schema(value_type = Vec<i64>, min_items = 1, max_items = 500)]
    ids: BulkIds,
    patch: PatchTaskBody,
}

/// Change many tasks of a project in the same way.
///
/// For the project's owner, editors, and administrators; being the assignee isn't enough. Either all of the tasks are
/// changed or none, each as `PATCH /tasks/{id}` changes one: those that the patch changes get one new version. A fault
/// names the task or the field: `ids.3` is the fourth id, `patch.title` the title. An id that is no task of the project,
/// or stands there twice, is 400 with the detail code `unknown_task`.
#[utoipa::path(
    operation_id = "updateTasks",
    tag = "tasks",
    params(("id" = i64, Path, description = "The project")),
    request_body = UpdateTasksBody,
    responses(
        (status = 200, description = "The tasks, in the order of the request", body = Enveloped<TasksPayload>),
        NotEditorForbidden,
        (
            status = 409,
            description = "`invalid_status_transition`: more than one step for the tasks that `details` names"
        ),
        BulkPayloadTooLarge,
    ),
    security(("apiToken" = ["tasks:write"]))
)]
#[patch("/projects/{id}/tasks/bulk")]
async fn update(
    api: Data<Api>,
    caller: Caller,
    input: Input<ById<ProjectId>, Nothing, Json<UpdateTasksBody, MAX_BULK_BYTES>>,
) -> Result<TasksPayload> {
    let Json(UpdateTasksBody { ids, patch }) = input.body;
    let command = UpdateTasks {
        actor: caller.actor(),
        project_id: input.path.id.0,
        ids,
        patch: patch.into(),
        origin: input.origin,
    };
    let views = api.use_cases.tasks.update_all(command).await?;
    Ok(Reply::ok(views.into()))
}
