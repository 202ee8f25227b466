//! Comments: on a task, and `/comments`.

use crate::{
    api::Api,
    http::{
        caller::Caller,
        error::ApiError,
        reply::{NoContent, Reply, Result},
    },
    input::{Input, Nothing, fault::Faults, field::ById, idempotency::Keyed, page::PageQuery},
    openapi::{
        Routes,
        parameters::IdempotencyKey,
        responses::{IdempotencyKeyReused, NotReaderForbidden},
    },
    payload::{comment::CommentPayload, envelope::Enveloped, page::PagePayload},
};
use actix_web::{delete, get, post, web::Data};
use deserr::Deserr;
use fasttrack_app::{
    Creation,
    comment::{CreateComment, DeleteComment, ListComments},
};
use fasttrack_domain::{
    id::{CommentId, TaskId},
    text::CommentBody,
};
use utoipa::ToSchema;

pub fn configure(config: &mut Routes<'_>) {
    config.service(create).service(list).service(delete);
}

/// A new comment.
#[derive(Deserr, ToSchema)]
#[deserr(error = Faults, deny_unknown_fields)]
#[schema(example = json!({"body": "Which colour?"}))]
pub struct CreateCommentBody {
    #[schema(value_type = String, min_length = 1, max_length = 10_000)]
    body: CommentBody,
}

/// Comment on a task.
///
/// For the project's owner, editors and commenters, the task's assignee, and administrators. The project's owner and the
/// assignee are notified, except whoever wrote the comment. With an `Idempotency-Key` the request may be sent again
/// without making a second comment.
#[utoipa::path(
    operation_id = "createComment",
    tag = "comments",
    params(
        ("id" = i64, Path, description = "The task"),
        IdempotencyKey,
    ),
    request_body = CreateCommentBody,
    responses(
        (
            status = 201, description = "The comment", body = Enveloped<CommentPayload>,
            headers(("Idempotency-Replayed", description = "`true` where this was done before, by the same key"))
        ),
        (
            status = 403,
            description = "`forbidden`: neither the project's owner, an editor or a commenter, nor the assignee"
        ),
        (status = 409, description = "`quota_exceeded`: the task has as many comments as it may"),
        IdempotencyKeyReused,
    ),
    security(("apiToken" = ["comments:write"]))
)]
#[post("/tasks/{id}/comments")]
async fn create(
    api: Data<Api>,
    caller: Caller,
    input: Input<ById<TaskId>, Nothing, Keyed<CreateCommentBody>>,
) -> Result<CommentPayload> {
    let Keyed { body: CreateCommentBody { body }, request } = input.body;
    let command =
        CreateComment { actor: caller.actor(), task_id: input.path.id.0, body, origin: input.origin, request };
    let Creation { entity: view, replayed } = api.use_cases.comments.create(command).await?;
    Ok(Reply::created(view.into()).replayed(replayed))
}

/// List a task's comments.
///
/// For the project's members, the task's assignee, and administrators. Gives a page by ascending id, so the oldest come
/// first. Authors have the names that they have now.
#[utoipa::path(
    operation_id = "listComments",
    tag = "comments",
    params(("id" = i64, Path, description = "The task"), PageQuery),
    responses(
        (status = 200, description = "A page of comments", body = Enveloped<PagePayload<CommentPayload>>),
        NotReaderForbidden,
    ),
    security(("apiToken" = ["comments:read"]))
)]
#[get("/tasks/{id}/comments")]
async fn list(
    api: Data<Api>,
    caller: Caller,
    input: Input<ById<TaskId>, PageQuery>,
) -> Result<PagePayload<CommentPayload>> {
    let command = ListComments { actor: caller.actor(), task_id: input.path.id.0, page: input.query.request() };
    Ok(Reply::ok(api.use_cases.comments.list(command).await?.into()))
}

/// Delete a comment.
///
/// For the comment's author and administrators; the project's owner may not. Notifications about the comment stay.
#[utoipa::path(
    operation_id = "deleteComment",
    tag = "comments",
    params(("id" = i64, Path, description = "The comment")),
    responses(
        (status = 204, description = "Deleted"),
        (status = 403, description = "`forbidden`: not the author"),
    ),
    security(("apiToken" = ["comments:write"]))
)]
#[delete("/comments/{id}")]
async fn delete(
    api: Data<Api>,
    caller: Caller,
    input: Input<ById<CommentId>>,
) -> std::result::Result<NoContent, ApiError> {
    let command = DeleteComment { actor: caller.actor(), id: input.path.id.0, origin: input.origin };
    api.use_cases.comments.delete(command).await?;
    Ok(NoContent)
}
