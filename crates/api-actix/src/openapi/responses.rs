//! Error responses that several operations have, besides those that follow from their parameters.

use utoipa::IntoResponses;

/// 304
#[derive(IntoResponses)]
#[response(status = 304, description = "Unchanged since `If-None-Match`")]
pub struct NotModified;

/// 403 for everybody but administrators.
#[derive(IntoResponses)]
#[response(status = 403, description = "`forbidden`: not an admin")]
pub struct NotAdminForbidden;

/// 403 for a project that isn't shared with the caller.
#[derive(IntoResponses)]
#[response(status = 403, description = "`forbidden`: not a member of the project")]
pub struct NotMemberForbidden;

/// 403 for what only the project's owner may do.
#[derive(IntoResponses)]
#[response(status = 403, description = "`forbidden`: not the project's owner")]
pub struct NotOwnerForbidden;

/// 403 for what the project's owner and editors may do.
#[derive(IntoResponses)]
#[response(status = 403, description = "`forbidden`: neither the project's owner nor an editor")]
pub struct NotEditorForbidden;

/// 403 for a task that the caller may not read.
#[derive(IntoResponses)]
#[response(status = 403, description = "`forbidden`: neither a member of the project nor the assignee")]
pub struct NotReaderForbidden;

/// 403 for the todos of another user.
#[derive(IntoResponses)]
#[response(status = 403, description = "`forbidden`: `user_id` isn't the caller's")]
pub struct OtherUserForbidden;

/// 412
#[derive(IntoResponses)]
#[response(status = 412, description = "`precondition_failed`: another version stands than `If-Match` names")]
pub struct PreconditionFailed;

/// 413 for a body with many tasks.
#[derive(IntoResponses)]
#[response(status = 413, description = "`payload_too_large`: more than 1 MiB")]
pub struct BulkPayloadTooLarge;

/// 422
#[derive(IntoResponses)]
#[response(status = 422, description = "`idempotency_key_reused`: the key was used for another request")]
pub struct IdempotencyKeyReused;
