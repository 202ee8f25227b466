//! Moves of tasks in the order of their project.

use crate::{
    api::Api,
    http::{
        caller::Caller,
        reply::{Reply, Result},
    },
    input::{
        Input, Nothing,
        body::Json,
        fault::{Faults, path_of},
        field::{ById, NonNull},
    },
    openapi::{Routes, responses::NotEditorForbidden},
    payload::{envelope::Enveloped, task::TaskPayload},
};
use actix_web::{post, web::Data};
use deserr::{Deserr, IntoValue, Value, ValuePointerRef};
use fasttrack_app::task::MoveTask;
use fasttrack_domain::{field::Invalid, id::TaskId, patch::Patch, task::Place};
use utoipa::ToSchema;

pub fn configure(config: &mut Routes<'_>) {
    config.service(move_to);
}

/// The place that a task is moved to: exactly one of the two.
#[derive(Deserr, ToSchema)]
#[deserr(error = Faults, deny_unknown_fields)]
#[schema(example = json!({"after": 7}))]
pub struct MoveTaskBody {
    /// A task of the same project, which the moved one is put behind; null puts it before all others.
    #[deserr(default)]
    #[schema(value_type = Option<i64>)]
    after: Patch<TaskId>,
    /// A task of the same project, which the moved one is put before.
    #[deserr(default)]
    #[schema(value_type = i64, required = false)]
    before: NonNull<TaskId>,
}

/// The place of a [`MoveTaskBody`].
pub struct MovePlace(pub Place);

impl Deserr<Faults> for MovePlace {
    fn deserialize_from_value<V: IntoValue>(
        value: Value<V>,
        at: ValuePointerRef<'_>,
    ) -> std::result::Result<Self, Faults> {
        let fault = |field: &str, code: &'static str, message: &'static str| {
            Faults::of(Invalid::new(code, message).at(path_of(at.push_key(field))))
        };
        let MoveTaskBody { after, before } = MoveTaskBody::deserialize_from_value(value, at)?;
        match (after, before.0) {
            (Patch::Clear, None) => Ok(Self(Place::First)),
            (Patch::Set(id), None) => Ok(Self(Place::After(id))),
            (Patch::Keep, Some(id)) => Ok(Self(Place::Before(id))),
            (Patch::Keep, None) => Err(fault("after", "required", "is required")),
            (Patch::Clear | Patch::Set(_), Some(_)) => {
                let [after, before] = ["after", "before"]
                    .map(|field| fault(field, "ambiguous", "must be there alone: either `after` or `before`"));
                Err(after.and(before))
            }
        }
    }
}

/// Give a task another place in the order of its project's tasks.
///
/// For the project's owner, editors, and administrators; being the assignee isn't enough. The body has either `after` or
/// `before`, and `{"after": null}` is the front. Only the moved task changes: it gets a new `position` and a new
/// version, unless it is put beside itself. A task that isn't in the project is 400 with the detail code `unknown_task`.
#[utoipa::path(
    operation_id = "moveTask",
    tag = "tasks",
    params(("id" = i64, Path, description = "The task")),
    request_body = MoveTaskBody,
    responses(
        (
            status = 200, description = "The task", body = Enveloped<TaskPayload>,
            headers(("ETag", description = "Its version"))
        ),
        NotEditorForbidden,
        (status = 409, description = "`conflict`: there is no room left between two tasks; move it elsewhere"),
    ),
    security(("apiToken" = ["tasks:write"]))
)]
#[post("/tasks/{id}/move")]
async fn move_to(
    api: Data<Api>,
    caller: Caller,
    input: Input<ById<TaskId>, Nothing, Json<MovePlace>>,
) -> Result<TaskPayload> {
    let command = MoveTask {
        actor: caller.actor(),
        id: input.path.id.0,
        place: input.body.0.0,
        precondition: input.precondition,
        origin: input.origin,
    };
    let view = api.use_cases.tasks.move_to(command).await?;
    Ok(Reply::ok_version(view.task.version, view.into()))
}
