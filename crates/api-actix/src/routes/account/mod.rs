//! `/users/me`: the export and the erasure of the caller's own account.

mod download;

use crate::{
    api::Api,
    http::{caller::Caller, error::ApiError, reply::NoContent},
    input::{Input, Nothing, body::OptionalJson, fault::Faults, field::NonNull},
    openapi::Routes,
    payload::export::ExportPayload,
};
use actix_web::{HttpRequest, HttpResponse, delete, get, web::Data};
use deserr::Deserr;
use fasttrack_app::account::EraseMe;
use fasttrack_domain::password::PasswordAttempt;
use utoipa::ToSchema;

pub fn configure(config: &mut Routes<'_>) {
    config.service(export).service(erase);
}

/// Download all of the caller's data.
///
/// For every user, about the caller alone. Answers JSON in no envelope, whatever `Accept` says: the account, its
/// sessions, identities and notifications, the caller's own projects with all in them, and what the caller is assigned
/// and wrote elsewhere. No secret is part of it. If the connection ends before the body does, ask for it again.
#[utoipa::path(
    operation_id = "exportMe",
    tag = "users",
    responses((
        status = 200, description = "The data", body = ExportPayload,
        headers(("Content-Disposition", description = "`attachment`, with a name for the file"))
    ))
)]
#[get("/users/me/export")]
async fn export(api: Data<Api>, caller: Caller, request: HttpRequest) -> Result<HttpResponse, ApiError> {
    let data = api.use_cases.accounts.export(caller.0.user_id).await?;
    Ok(download::respond(&request, data, caller.0, api))
}

/// The proof that the caller owns the account.
#[derive(Deserr, ToSchema)]
#[deserr(error = Faults, deny_unknown_fields)]
#[schema(example = json!({"password": "correct horse"}))]
pub struct EraseMeBody {
    /// Needed where the account has one.
    #[deserr(default)]
    #[schema(value_type = String, required = false, format = Password)]
    password: NonNull<PasswordAttempt>,
}

/// Erase the caller's account.
///
/// For every user, who has to send the password where the account has one. All tokens end, the address is free again,
/// and the caller's own projects are deleted. What the caller wrote in projects of others stays, under the name
/// `Deleted user`. A project with other members has to be transferred or deleted first (409 `conflict`).
#[utoipa::path(
    operation_id = "eraseMe",
    tag = "users",
    request_body(content = Option<EraseMeBody>, description = "May be absent where the account has no password"),
    responses(
        (status = 204, description = "Erased"),
        (status = 401, description = "`invalid_credentials`: not the password; or that of a refused token"),
        (
            status = 409,
            description = "`conflict`: the caller owns projects that have other members, which `details` names, or is the last active admin"
        ),
    )
)]
#[delete("/users/me")]
async fn erase(
    api: Data<Api>,
    caller: Caller,
    input: Input<Nothing, Nothing, OptionalJson<EraseMeBody>>,
) -> Result<NoContent, ApiError> {
    let password = input.body.0.and_then(|body| body.password.0);
    let command = EraseMe { user_id: caller.0.user_id, password, origin: input.origin };
    api.use_cases.accounts.erase_me(command).await?;
    Ok(NoContent)
}
