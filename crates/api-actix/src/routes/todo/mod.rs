//! `/api/{user_id}/tasks`: a user's own todos, for front ends of Better Auth.

pub mod change;

use crate::{
    api::Api,
    http::{
        caller::Caller,
        error::ApiError,
        prefix::{encode_for_header, path_within},
        reply::{NoContent, Reply, Result},
    },
    input::{
        Input, Nothing,
        fault::Faults,
        field::{Flag, NonNull, Text},
        idempotency::Keyed,
        page::{PageCursor, TodoLimit},
        path_user::PathUser,
    },
    openapi::{
        Routes,
        parameters::{DeleteConditions, IdempotencyKey, ReadConditions, TodoOwner},
        responses::{IdempotencyKeyReused, NotModified, OtherUserForbidden, PreconditionFailed},
    },
    payload::todo::{TodoPayload, TodoUser},
};
use actix_web::{HttpRequest, delete, get, post, web::Data};
use deserr::Deserr;
use fasttrack_app::{
    Creation,
    todo::{CreateTodo, DeleteTodo, GetTodo, ListTodos},
};
use fasttrack_domain::{
    due::Due,
    id::TaskId,
    page::{Cursor, PageRequest},
    task::Task,
    text::{Description, TaskTitle},
};
use utoipa::{IntoParams, ToSchema};

pub fn configure(config: &mut Routes<'_>) {
    config.service(create).service(list).service(get).configure(change::configure).service(delete);
}

/// `path.task_id`
#[derive(Deserr)]
#[deserr(error = Faults)]
pub struct TodoPath {
    task_id: Text<TaskId>,
}

/// A whole todo.
#[derive(Deserr, ToSchema)]
#[deserr(error = Faults, deny_unknown_fields)]
#[schema(example = json!({
    "title": "Paint the fence", "description": "Both sides", "completed": false, "due": "2026-12-01"
}))]
pub struct TodoBody {
    #[schema(value_type = String, min_length = 1, max_length = 200)]
    title: TaskTitle,
    /// None where absent.
    #[deserr(default)]
    #[schema(value_type = Option<String>, max_length = 10_000)]
    description: Option<Description>,
    /// `false` where absent.
    #[deserr(default)]
    #[schema(value_type = bool, required = false)]
    completed: NonNull<bool>,
    /// A day, or an instant of the years 1970 to 9999; none where absent.
    #[deserr(default)]
    #[schema(value_type = Option<String>, example = "2026-12-01")]
    due: Option<Due>,
}

fn todo(task: Task, caller: Caller) -> TodoPayload {
    TodoPayload::new(task, caller.0.into())
}

/// The link to the page behind this one: the same address but for the cursor (RFC 8288).
fn next_link(request: &HttpRequest, cursor: Cursor) -> String {
    let others = request.query_string().split('&').filter(|pair| !pair.is_empty() && !pair.starts_with("cursor="));
    let query: String = others.flat_map(|pair| [pair, "&"]).collect();
    format!(
        "<{}?{}cursor={}>; rel=\"next\"",
        encode_for_header(request.path()),
        encode_for_header(&query),
        cursor.encode()
    )
}

/// Add a todo.
///
/// For the user that `user_id` names alone: anybody else gets 403, administrators too. The todo is a task of the
/// caller's project `Inbox`, which is made with the first one. With an `Idempotency-Key` the request may be sent
/// again without making a second todo.
#[utoipa::path(
    operation_id = "createTodo",
    tag = "todos",
    params(
        TodoOwner,
        IdempotencyKey,
    ),
    request_body = TodoBody,
    responses(
        (
            status = 201, description = "The todo", body = TodoPayload,
            headers(
                ("Location", description = "Where it is"), ("ETag", description = "Its version"),
                ("Idempotency-Replayed", description = "`true` where this was done before, by the same key")
            )
        ),
        OtherUserForbidden,
        (status = 409, description = "`conflict`: the Inbox is archived; `quota_exceeded`: it has as many tasks as it may, or there is no place for an Inbox"),
        IdempotencyKeyReused,
    ),
    security(("apiToken" = ["tasks:write"]))
)]
#[post("/api/{user_id}/tasks")]
async fn create(
    api: Data<Api>,
    caller: Caller,
    user: PathUser,
    request: HttpRequest,
    input: Input<Nothing, Nothing, Keyed<TodoBody>>,
) -> Result<TodoPayload> {
    let Keyed { body: TodoBody { title, description, completed, due }, request: keyed } = input.body;
    let command = CreateTodo {
        actor: caller.actor(),
        owner: user.if_caller(&caller),
        title,
        description,
        completed: completed.0.unwrap_or_default(),
        due,
        request: keyed,
    };
    let Creation { entity: task, replayed } = api.use_cases.todos.create(command).await?;
    let (location, version) = (format!("{}/{}", encode_for_header(path_within(&request)), task.id), task.version);
    Ok(Reply::created(todo(task, caller)).at(location).version(version).replayed(replayed))
}

/// Which todos.
#[derive(Deserr, IntoParams)]
#[deserr(error = Faults)]
#[into_params(parameter_in = Query)]
pub struct ListTodosQuery {
    /// Only what is done, or only what isn't.
    #[deserr(default)]
    #[param(value_type = Option<bool>)]
    completed: NonNull<Text<Flag>>,
    /// Most todos of the page.
    #[deserr(default)]
    #[param(value_type = Option<i64>, minimum = 1, maximum = 1000, default = 100)]
    limit: TodoLimit,
    /// Where the next page begins: part of the `Link` of the page before.
    #[deserr(default)]
    #[param(value_type = Option<String>, example = "eyJpZCI6IDQyfQ")]
    cursor: PageCursor,
}

/// List the caller's todos.
///
/// For the user that `user_id` names alone: anybody else gets 403, administrators too. Gives an array by ascending
/// id. Where more follow, the header `Link` has the address of the next page.
#[utoipa::path(
    operation_id = "listTodos",
    tag = "todos",
    params(
        TodoOwner,
        ListTodosQuery,
    ),
    responses(
        (
            status = 200, description = "Todos, by ascending id", body = Vec<TodoPayload>,
            headers(("Link", description = "The next page, as `rel=\"next\"`; absent on the last one"))
        ),
        OtherUserForbidden,
    ),
    security(("apiToken" = ["tasks:read"]))
)]
#[get("/api/{user_id}/tasks")]
async fn list(
    api: Data<Api>,
    caller: Caller,
    user: PathUser,
    request: HttpRequest,
    input: Input<Nothing, ListTodosQuery>,
) -> Result<Vec<TodoPayload>> {
    let ListTodosQuery { completed, limit, cursor } = input.query;
    let command = ListTodos {
        actor: caller.actor(),
        owner: user.if_caller(&caller),
        completed: completed.0.map(|text| text.0.0),
        page: PageRequest { limit: limit.0, cursor: cursor.0 },
    };
    let page = api.use_cases.todos.list(command).await?;
    let user = TodoUser::from(caller.0);
    let todos = page.items.into_iter().map(|task| TodoPayload::new(task, user.clone())).collect();
    Ok(Reply::ok(todos).link(page.next.map(|cursor| next_link(&request, cursor))))
}

/// Show a todo.
///
/// For the user that `user_id` names alone: anybody else gets 403, administrators too. A task that isn't a todo of
/// the caller's is 404.
#[utoipa::path(
    operation_id = "getTodo",
    tag = "todos",
    params(
        TodoOwner,
        ("task_id" = i64, Path, description = "The todo"),
        ReadConditions,
    ),
    responses(
        (
            status = 200, description = "The todo", body = TodoPayload,
            headers(("ETag", description = "Its version"))
        ),
        NotModified,
        OtherUserForbidden,
        PreconditionFailed,
    ),
    security(("apiToken" = ["tasks:read"]))
)]
#[get("/api/{user_id}/tasks/{task_id}")]
async fn get(api: Data<Api>, caller: Caller, user: PathUser, input: Input<TodoPath>) -> Result<TodoPayload> {
    let (actor, owner, id) = (caller.actor(), user.if_caller(&caller), input.path.task_id.0);
    let task = api.use_cases.todos.get(GetTodo { actor, owner, id }).await?;
    Ok(Reply::ok_version(task.version, todo(task, caller)))
}

/// Delete a todo.
///
/// For the user that `user_id` names alone: anybody else gets 403, administrators too. The task is deleted with its
/// comments, for good.
#[utoipa::path(
    operation_id = "deleteTodo",
    tag = "todos",
    params(
        TodoOwner,
        ("task_id" = i64, Path, description = "The todo"),
        DeleteConditions,
    ),
    responses(
        (status = 204, description = "Deleted"),
        OtherUserForbidden,
        PreconditionFailed,
    ),
    security(("apiToken" = ["tasks:write"]))
)]
#[delete("/api/{user_id}/tasks/{task_id}")]
async fn delete(
    api: Data<Api>,
    caller: Caller,
    user: PathUser,
    input: Input<TodoPath>,
) -> std::result::Result<NoContent, ApiError> {
    let command = DeleteTodo {
        actor: caller.actor(),
        owner: user.if_caller(&caller),
        id: input.path.task_id.0,
        precondition: input.precondition,
    };
    api.use_cases.todos.delete(command).await?;
    Ok(NoContent)
}

#[cfg(test)]
mod tests {
    use super::*;
    use actix_web::test::TestRequest;

    fn link(address: &str) -> String {
        next_link(&TestRequest::with_uri(address).to_http_request(), Cursor::after(42))
    }

    #[test]
    fn the_next_page_is_asked_for_as_this_one_was() {
        assert_eq!(link("/api/7/tasks"), "</api/7/tasks?cursor=eyJpZCI6IDQyfQ>; rel=\"next\"");
        assert_eq!(
            link("/api/a%2Fb%20c/tasks?limit=3&cursor=eyJpZCI6IDF9&&completed=true&x=%3E,"),
            "</api/a%2Fb%20c/tasks?limit=3&completed=true&x=%3E,&cursor=eyJpZCI6IDQyfQ>; rel=\"next\""
        );
    }
}
