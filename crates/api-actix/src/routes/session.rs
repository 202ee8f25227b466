//! `/auth/sessions`: where a user is logged in.

use crate::{
    api::Api,
    http::{
        caller::Caller,
        error::ApiError,
        reply::{NoContent, Reply, Result},
    },
    input::{Input, Nothing, field::ById, page::PageQuery},
    openapi::Routes,
    payload::{envelope::Enveloped, page::PagePayload, session::SessionPayload},
};
use actix_web::{delete, get, web::Data};
use fasttrack_app::auth::RevokeSession;
use fasttrack_domain::id::SessionId;

pub fn configure(config: &mut Routes<'_>) {
    config.service(list).service(revoke);
}

/// List the caller's sessions, newest login first.
///
/// For every user, about the caller alone. Has each session that can still be refreshed; `current` marks the one of
/// the token that was sent. A token of another issuer belongs to none of them.
#[utoipa::path(
    operation_id = "listSessions",
    tag = "auth",
    params(PageQuery),
    responses((status = 200, description = "A page of live sessions", body = Enveloped<PagePayload<SessionPayload>>))
)]
#[get("/auth/sessions")]
async fn list(api: Data<Api>, caller: Caller, input: Input<Nothing, PageQuery>) -> Result<PagePayload<SessionPayload>> {
    let current = caller.0.session_id();
    let page = api
        .use_cases
        .auth
        .list_sessions(caller.0.user_id, input.query.request())
        .await?
        .map(|session| SessionPayload::new(session, current));
    Ok(Reply::ok(page.into()))
}

/// End one of the caller's sessions.
///
/// For every user; another user's session is 404. Its access and refresh tokens are refused from then on, and its
/// open connections are closed with 4401.
#[utoipa::path(
    operation_id = "revokeSession",
    tag = "auth",
    params(("id" = i64, Path, description = "The session")),
    responses((status = 204, description = "Ended"))
)]
#[delete("/auth/sessions/{id}")]
async fn revoke(
    api: Data<Api>,
    caller: Caller,
    input: Input<ById<SessionId>>,
) -> std::result::Result<NoContent, ApiError> {
    let command = RevokeSession { user_id: caller.0.user_id, id: input.path.id.0, origin: input.origin };
    api.use_cases.auth.revoke_session(command).await?;
    Ok(NoContent)
}
