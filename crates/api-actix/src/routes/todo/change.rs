//! What changes a todo.

use super::{TodoBody, TodoPath, todo};
use crate::{
    api::Api,
    http::{
        caller::Caller,
        reply::{Reply, Result},
    },
    input::{
        Input, Nothing,
        body::{Json, OptionalJson, ReadBody},
        fault::Faults,
        field::NonNull,
        path_user::PathUser,
    },
    openapi::{
        Routes,
        parameters::{ChangeConditions, TodoOwner},
        responses::{OtherUserForbidden, PreconditionFailed},
    },
    payload::todo::TodoPayload,
};
use actix_web::{patch, put, web::Data};
use deserr::Deserr;
use fasttrack_app::todo::UpdateTodo;
use fasttrack_domain::{
    due::Due,
    patch::Patch,
    text::{Description, TaskTitle},
    todo::{Completion, TodoPatch},
};
use utoipa::ToSchema;

pub fn configure(config: &mut Routes<'_>) {
    config.service(replace).service(update).service(complete);
}

async fn apply<B: ReadBody>(
    api: &Api,
    caller: Caller,
    user: &PathUser,
    input: Input<TodoPath, Nothing, B>,
    patch: impl FnOnce(B) -> TodoPatch,
) -> Result<TodoPayload> {
    let command = UpdateTodo {
        actor: caller.actor(),
        owner: user.if_caller(&caller),
        id: input.path.task_id.0,
        patch: patch(input.body),
        precondition: input.precondition,
    };
    let task = api.use_cases.todos.update(command).await?;
    Ok(Reply::ok_version(task.version, todo(task, caller)))
}

/// Replace a todo.
///
/// For the user that `user_id` names alone: anybody else gets 403, administrators too. What the body doesn't have is
/// reset: `description` and `due` to `null`, `completed` to `false`. With `If-Match` it is done to that version only
/// (412 otherwise).
#[utoipa::path(
    operation_id = "replaceTodo",
    tag = "todos",
    params(
        TodoOwner,
        ("task_id" = i64, Path, description = "The todo"),
        ("If-Match" = Option<String>, Header, description = "Replace only one of these versions"),
        ("If-None-Match" = Option<String>, Header, description = "412 where the version is one of these"),
    ),
    request_body = TodoBody,
    responses(
        (
            status = 200, description = "The todo", body = TodoPayload,
            headers(("ETag", description = "Its version"))
        ),
        OtherUserForbidden,
        PreconditionFailed,
    ),
    security(("apiToken" = ["tasks:write"]))
)]
#[put("/api/{user_id}/tasks/{task_id}")]
async fn replace(
    api: Data<Api>,
    caller: Caller,
    user: PathUser,
    input: Input<TodoPath, Nothing, Json<TodoBody>>,
) -> Result<TodoPayload> {
    let patch = |Json(TodoBody { title, description, completed, due }): Json<TodoBody>| TodoPatch {
        title: Some(title),
        description: description.map_or(Patch::Clear, Patch::Set),
        completed: Completion::Set(completed.0.unwrap_or_default()),
        due: due.map_or(Patch::Clear, Patch::Set),
    };
    apply(&api, caller, &user, input, patch).await
}

/// The fields to change; an absent one stays as it is.
#[derive(Deserr, ToSchema)]
#[deserr(error = Faults, deny_unknown_fields)]
#[schema(example = json!({"title": "Paint the gate", "completed": true}))]
pub struct PatchTodoBody {
    #[deserr(default)]
    #[schema(value_type = String, required = false, min_length = 1, max_length = 200)]
    title: NonNull<TaskTitle>,
    #[deserr(default)]
    #[schema(value_type = Option<String>, max_length = 10_000)]
    description: Patch<Description>,
    #[deserr(default)]
    #[schema(value_type = bool, required = false)]
    completed: NonNull<bool>,
    /// A day, or an instant of the years 1970 to 9999; null for no time at all.
    #[deserr(default)]
    #[schema(value_type = Option<String>, example = "2026-12-01")]
    due: Patch<Due>,
}

/// Change a todo.
///
/// For the user that `user_id` names alone: anybody else gets 403, administrators too. The body is a JSON merge patch
/// (RFC 7396): absent fields stay, `null` clears `description` and `due`. With `If-Match` it is done to that version
/// only (412 otherwise).
#[utoipa::path(
    operation_id = "updateTodo",
    tag = "todos",
    params(
        TodoOwner,
        ("task_id" = i64, Path, description = "The todo"),
        ChangeConditions,
    ),
    request_body = PatchTodoBody,
    responses(
        (
            status = 200, description = "The todo", body = TodoPayload,
            headers(("ETag", description = "Its version"))
        ),
        OtherUserForbidden,
        PreconditionFailed,
    ),
    security(("apiToken" = ["tasks:write"]))
)]
#[patch("/api/{user_id}/tasks/{task_id}")]
async fn update(
    api: Data<Api>,
    caller: Caller,
    user: PathUser,
    input: Input<TodoPath, Nothing, Json<PatchTodoBody>>,
) -> Result<TodoPayload> {
    let patch = |Json(PatchTodoBody { title, description, completed, due }): Json<PatchTodoBody>| TodoPatch {
        title: title.0,
        description,
        completed: completed.0.map_or(Completion::Keep, Completion::Set),
        due,
    };
    apply(&api, caller, &user, input, patch).await
}

/// Whether it is completed.
#[derive(Deserr, ToSchema)]
#[deserr(error = Faults, deny_unknown_fields)]
#[schema(example = json!({"completed": true}))]
pub struct CompleteTodoBody {
    completed: bool,
}

/// Complete a todo, or open it again.
///
/// For the user that `user_id` names alone: anybody else gets 403, administrators too. The body says which; without a
/// body the todo is toggled. The steps between are walked as one change, with one version and one notification.
#[utoipa::path(
    operation_id = "completeTodo",
    tag = "todos",
    params(
        TodoOwner,
        ("task_id" = i64, Path, description = "The todo"),
        ChangeConditions,
    ),
    request_body(content = Option<CompleteTodoBody>, description = "Absent: the other way round"),
    responses(
        (
            status = 200, description = "The todo", body = TodoPayload,
            headers(("ETag", description = "Its version"))
        ),
        OtherUserForbidden,
        PreconditionFailed,
    ),
    security(("apiToken" = ["tasks:write"]))
)]
#[patch("/api/{user_id}/tasks/{task_id}/complete")]
async fn complete(
    api: Data<Api>,
    caller: Caller,
    user: PathUser,
    input: Input<TodoPath, Nothing, OptionalJson<CompleteTodoBody>>,
) -> Result<TodoPayload> {
    let patch = |OptionalJson(body): OptionalJson<CompleteTodoBody>| TodoPatch {
        completed: body.map_or(Completion::Toggle, |body| Completion::Set(body.completed)),
        ..TodoPatch::default()
    };
    apply(&api, caller, &user, input, patch).await
}
