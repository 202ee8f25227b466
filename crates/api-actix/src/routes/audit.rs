//! `/audit`: who did what, for administrators.

use crate::{
    api::Api,
    http::{
        caller::Caller,
        reply::{Reply, Result},
    },
    input::{
        Input, Nothing,
        fault::Faults,
        field::{AuditObjectText, FilterId, Moment, NonNull, Text},
        page::{PageCursor, PageLimit, page},
    },
    openapi::{Routes, responses::NotAdminForbidden},
    payload::{audit::AuditPayload, envelope::Enveloped, page::PagePayload},
};
use actix_web::{get, web::Data};
use deserr::Deserr;
use fasttrack_app::audit::ListAudit;
use fasttrack_domain::{audit::AuditFilter, id::UserId, page::Page};
use utoipa::IntoParams;

pub fn configure(config: &mut Routes<'_>) {
    config.service(list);
}

/// Which lines.
#[derive(Deserr, IntoParams)]
#[deserr(error = Faults)]
#[into_params(parameter_in = Query)]
pub struct ListAuditQuery {
    /// Only what this user did.
    #[deserr(default)]
    #[param(value_type = Option<i64>, minimum = 1)]
    actor_id: NonNull<Text<FilterId<UserId>>>,
    /// Only what was done to this, exactly.
    #[deserr(default)]
    #[param(value_type = Option<String>, min_length = 1, max_length = 100, example = "user/5")]
    object: NonNull<AuditObjectText>,
    /// Only what happened then or later.
    #[deserr(default)]
    #[param(value_type = Option<String>, format = DateTime, example = "2026-01-02T03:04:05Z")]
    since: NonNull<Text<Moment>>,
    /// Most items of the page.
    #[deserr(default)]
    #[param(value_type = Option<i64>, minimum = 1, maximum = 100, default = 20)]
    limit: PageLimit,
    /// The `next_cursor` of the page before; opaque.
    #[deserr(default)]
    #[param(value_type = Option<String>, example = "eyJpZCI6IDQyfQ")]
    cursor: PageCursor,
}

/// List who did what, the newest first.
///
/// For administrators. The audit holds logins and logouts, refused logins, refreshes and requests, and what
/// administrators did to accounts and to what isn't theirs, each with who, from where, and what changed; lines are kept
/// for `AUDIT_RETENTION_DAYS`. Reading it is not a line itself.
#[utoipa::path(
    operation_id = "listAudit",
    tag = "users",
    params(ListAuditQuery),
    responses(
        (status = 200, description = "A page of lines", body = Enveloped<PagePayload<AuditPayload>>),
        NotAdminForbidden,
    )
)]
#[get("/audit")]
async fn list(
    api: Data<Api>,
    caller: Caller,
    input: Input<Nothing, ListAuditQuery>,
) -> Result<PagePayload<AuditPayload>> {
    let ListAuditQuery { actor_id, object, since, limit, cursor } = input.query;
    let filter = AuditFilter {
        actor_id: actor_id.0.map(|id| id.0.0),
        object: object.0.map(|object| object.0),
        since: since.0.map(|moment| moment.0.0),
    };
    let command = ListAudit { actor: caller.actor(), filter, page: page(&limit, &cursor) };
    let Page { items, next } = api.use_cases.audit.list(command).await?;
    let items = items.into_iter().map(AuditPayload::try_from).collect::<std::result::Result<_, _>>()?;
    Ok(Reply::ok(Page { items, next }.into()))
}
