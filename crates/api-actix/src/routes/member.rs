//! `/projects/{id}/members`, and the transfer of a project.

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
        field::{ById, Text},
        page::PageQuery,
    },
    openapi::{
        Routes,
        responses::{NotMemberForbidden, NotOwnerForbidden},
    },
    payload::{envelope::Enveloped, member::MemberPayload, page::PagePayload, project::ProjectPayload, word},
};
use actix_web::{delete, get, post, put, web::Data};
use deserr::Deserr;
use fasttrack_app::member::{ListMembers, MemberPut, PutMember, RemoveMember, TransferProject};
use fasttrack_domain::{
    id::{ProjectId, UserId},
    membership::GrantedRole,
};
use utoipa::ToSchema;

pub fn configure(config: &mut Routes<'_>) {
    config.service(list).service(put).service(remove).service(transfer);
}

/// `path.id` and `path.user_id`
#[derive(Deserr)]
#[deserr(error = Faults)]
pub struct MemberPath {
    id: Text<ProjectId>,
    user_id: Text<UserId>,
}

/// List a project's members.
///
/// For the project's members and administrators. Gives a page by ascending id of the user, the owner included. Only the
/// owner and administrators get addresses; everybody else gets null in their place.
#[utoipa::path(
    operation_id = "listMembers",
    tag = "people",
    params(("id" = i64, Path, description = "The project"), PageQuery),
    responses(
        (status = 200, description = "A page of members", body = Enveloped<PagePayload<MemberPayload>>),
        NotMemberForbidden,
    ),
    security(("apiToken" = ["projects:read"]))
)]
#[get("/projects/{id}/members")]
async fn list(
    api: Data<Api>,
    caller: Caller,
    input: Input<ById<ProjectId>, PageQuery>,
) -> Result<PagePayload<MemberPayload>> {
    let command = ListMembers { actor: caller.actor(), project_id: input.path.id.0, page: input.query.request() };
    Ok(Reply::ok(api.use_cases.members.list(command).await?.into()))
}

/// The role of a member.
#[derive(Deserr, ToSchema)]
#[deserr(error = Faults, deny_unknown_fields)]
#[schema(example = json!({"role": "editor"}))]
pub struct PutMemberBody {
    #[schema(schema_with = word::granted_role)]
    role: GrantedRole,
}

/// Share a project with a user, or change a member's role.
///
/// For the project's owner and administrators. A new member is notified. The owner keeps the role until the project is
/// transferred, and the Inbox is personal (409 `conflict`).
#[utoipa::path(
    operation_id = "putMember",
    tag = "people",
    params(
        ("id" = i64, Path, description = "The project"),
        ("user_id" = i64, Path, description = "An active user"),
    ),
    request_body = PutMemberBody,
    responses(
        (status = 200, description = "The member, who was one before", body = Enveloped<MemberPayload>),
        (status = 201, description = "The new member", body = Enveloped<MemberPayload>),
        NotOwnerForbidden,
        (status = 404, description = "`not_found`: no such project, or no such active user"),
        (
            status = 409,
            description = "`conflict`: the user owns the project, or it is an Inbox; `quota_exceeded`: it has as many members as it may"
        ),
    ),
    security(("apiToken" = ["projects:write"]))
)]
#[put("/projects/{id}/members/{user_id}")]
async fn put(
    api: Data<Api>,
    caller: Caller,
    input: Input<MemberPath, Nothing, Json<PutMemberBody>>,
) -> Result<MemberPayload> {
    let command = PutMember {
        actor: caller.actor(),
        project_id: input.path.id.0,
        user_id: input.path.user_id.0,
        role: input.body.0.role,
        origin: input.origin,
    };
    let MemberPut { member, is_new } = api.use_cases.members.put(command).await?;
    Ok(if is_new { Reply::created(member.into()) } else { Reply::ok(member.into()) })
}

/// Remove a member, or leave a project.
///
/// For the project's owner, administrators, and the member itself. The member's access ends at once, and so do its
/// assignments in the project. The owner can't leave (409 `conflict`): transfer or delete the project.
#[utoipa::path(
    operation_id = "removeMember",
    tag = "people",
    params(
        ("id" = i64, Path, description = "The project"),
        ("user_id" = i64, Path, description = "The member"),
    ),
    responses(
        (status = 204, description = "No longer a member"),
        (status = 403, description = "`forbidden`: neither the project's owner nor the member"),
        (status = 409, description = "`conflict`: the user owns the project"),
    ),
    security(("apiToken" = ["projects:write"]))
)]
#[delete("/projects/{id}/members/{user_id}")]
async fn remove(api: Data<Api>, caller: Caller, input: Input<MemberPath>) -> std::result::Result<NoContent, ApiError> {
    let command = RemoveMember {
        actor: caller.actor(),
        project_id: input.path.id.0,
        user_id: input.path.user_id.0,
        origin: input.origin,
    };
    api.use_cases.members.remove(command).await?;
    Ok(NoContent)
}

/// The next owner of a project.
#[derive(Deserr, ToSchema)]
#[deserr(error = Faults, deny_unknown_fields)]
#[schema(example = json!({"user_id": 2}))]
pub struct TransferProjectBody {
    /// An active member of the project.
    #[schema(value_type = i64)]
    user_id: UserId,
}

/// Give a project to another member.
///
/// For the project's owner and administrators. The former owner becomes an editor. A user who is no member is 400 with
/// the detail code `not_a_member`, a deactivated one with `unknown_user`.
#[utoipa::path(
    operation_id = "transferProject",
    tag = "people",
    params(("id" = i64, Path, description = "The project")),
    request_body = TransferProjectBody,
    responses(
        (
            status = 200, description = "The project", body = Enveloped<ProjectPayload>,
            headers(("ETag", description = "Its version"))
        ),
        NotOwnerForbidden,
        (
            status = 409,
            description = "`conflict`: the user owns the project already; `quota_exceeded`: the user has as many projects as it may"
        ),
    ),
    security(("apiToken" = ["projects:write"]))
)]
#[post("/projects/{id}/transfer")]
async fn transfer(
    api: Data<Api>,
    caller: Caller,
    input: Input<ById<ProjectId>, Nothing, Json<TransferProjectBody>>,
) -> Result<ProjectPayload> {
    let command = TransferProject {
        actor: caller.actor(),
        project_id: input.path.id.0,
        user_id: input.body.0.user_id,
        origin: input.origin,
    };
    let view = api.use_cases.members.transfer(command).await?;
    Ok(Reply::ok_version(view.project.version, view.into()))
}
