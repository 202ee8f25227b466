//! `/projects/{id}/invitations`, and `/invitations/accept`.

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
    openapi::{Routes, responses::NotOwnerForbidden},
    payload::{envelope::Enveloped, invitation::InvitationPayload, page::PagePayload, project::ProjectPayload, word},
};
use actix_web::{delete, get, post, web::Data};
use deserr::Deserr;
use fasttrack_app::invitation::{AcceptInvitation, CreateInvitation, DeleteInvitation, ListInvitations};
use fasttrack_domain::{
    email::Email,
    id::{InvitationId, ProjectId},
    membership::GrantedRole,
    token::SecretToken,
};
use utoipa::ToSchema;

pub fn configure(config: &mut Routes<'_>) {
    config.service(create).service(list).service(delete).service(accept);
}

/// A new invitation.
#[derive(Deserr, ToSchema)]
#[deserr(error = Faults, deny_unknown_fields)]
#[schema(example = json!({"email": "ben@example.org", "role": "editor"}))]
pub struct CreateInvitationBody {
    #[schema(value_type = String, format = Email, max_length = 254)]
    email: Email,
    #[schema(schema_with = word::granted_role)]
    role: GrantedRole,
}

/// Invite somebody to a project by mail.
///
/// For the project's owner and administrators. The answer is the same whether the address has an account or not. A mail
/// follows with a token that is good once and for seven days; a further invitation to the same address replaces the
/// first. The Inbox is personal (409 `conflict`).
#[utoipa::path(
    operation_id = "createInvitation",
    tag = "people",
    params(("id" = i64, Path, description = "The project")),
    request_body = CreateInvitationBody,
    responses(
        (status = 201, description = "The invitation", body = Enveloped<InvitationPayload>),
        NotOwnerForbidden,
        (
            status = 409,
            description = "`conflict`: the project is an Inbox; `quota_exceeded`: it has as many open invitations as it may"
        ),
    ),
    security(("apiToken" = ["projects:write"]))
)]
#[post("/projects/{id}/invitations")]
async fn create(
    api: Data<Api>,
    caller: Caller,
    input: Input<ById<ProjectId>, Nothing, Json<CreateInvitationBody>>,
) -> Result<InvitationPayload> {
    let CreateInvitationBody { email, role } = input.body.0;
    let command =
        CreateInvitation { actor: caller.actor(), project_id: input.path.id.0, email, role, origin: input.origin };
    Ok(Reply::created(api.use_cases.invitations.create(command).await?.into()))
}

/// List a project's open invitations.
///
/// For the project's owner and administrators. Gives a page by ascending id. What was accepted, withdrawn or replaced,
/// or has expired, is no longer listed.
#[utoipa::path(
    operation_id = "listInvitations",
    tag = "people",
    params(("id" = i64, Path, description = "The project"), PageQuery),
    responses(
        (status = 200, description = "A page of invitations", body = Enveloped<PagePayload<InvitationPayload>>),
        NotOwnerForbidden,
    ),
    security(("apiToken" = ["projects:read"]))
)]
#[get("/projects/{id}/invitations")]
async fn list(
    api: Data<Api>,
    caller: Caller,
    input: Input<ById<ProjectId>, PageQuery>,
) -> Result<PagePayload<InvitationPayload>> {
    let command = ListInvitations { actor: caller.actor(), project_id: input.path.id.0, page: input.query.request() };
    Ok(Reply::ok(api.use_cases.invitations.list(command).await?.into()))
}

/// `path.id` and `path.invitation_id`
#[derive(Deserr)]
#[deserr(error = Faults)]
pub struct InvitationPath {
    id: Text<ProjectId>,
    invitation_id: Text<InvitationId>,
}

/// Withdraw an invitation.
///
/// For the project's owner and administrators. The token of its mail is no longer good from then on.
#[utoipa::path(
    operation_id = "deleteInvitation",
    tag = "people",
    params(
        ("id" = i64, Path, description = "The project"),
        ("invitation_id" = i64, Path, description = "An open invitation"),
    ),
    responses(
        (status = 204, description = "Withdrawn"),
        NotOwnerForbidden,
    ),
    security(("apiToken" = ["projects:write"]))
)]
#[delete("/projects/{id}/invitations/{invitation_id}")]
async fn delete(
    api: Data<Api>,
    caller: Caller,
    input: Input<InvitationPath>,
) -> std::result::Result<NoContent, ApiError> {
    let command = DeleteInvitation {
        actor: caller.actor(),
        project_id: input.path.id.0,
        id: input.path.invitation_id.0,
        origin: input.origin,
    };
    api.use_cases.invitations.delete(command).await?;
    Ok(NoContent)
}

/// A token from a mail.
#[derive(Deserr, ToSchema)]
#[deserr(error = Faults, deny_unknown_fields)]
#[schema(example = json!({"token": "q3fZ0mXkN6r1cVtYb8uJwLx2EhGdSa5oPiTz7RvMnKc"}))]
pub struct AcceptInvitationBody {
    #[schema(value_type = String)]
    token: SecretToken,
}

/// Accept an invitation.
///
/// For every user who has the token from a mail, whatever address it was sent to; it works once and for seven days. The
/// caller becomes a member with the role of the invitation. A member with a higher role keeps that.
#[utoipa::path(
    operation_id = "acceptInvitation",
    tag = "people",
    request_body = AcceptInvitationBody,
    responses(
        (
            status = 200, description = "The project", body = Enveloped<ProjectPayload>,
            headers(("ETag", description = "Its version"))
        ),
        (
            status = 400,
            description = "`invalid_invitation_token`: unknown, used or expired; `validation_failed` or `malformed_json`"
        ),
        (status = 409, description = "`quota_exceeded`: the project has as many members as it may"),
    )
)]
#[post("/invitations/accept")]
async fn accept(
    api: Data<Api>,
    caller: Caller,
    input: Input<Nothing, Nothing, Json<AcceptInvitationBody>>,
) -> Result<ProjectPayload> {
    let command = AcceptInvitation { actor: caller.actor(), token: input.body.0.token, origin: input.origin };
    let view = api.use_cases.invitations.accept(command).await?;
    Ok(Reply::ok_version(view.project.version, view.into()))
}
