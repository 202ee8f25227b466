//! `/changes`: the change feed, for clients that keep a copy.

use crate::{
    api::Api,
    http::{
        caller::Caller,
        error::ApiError,
        observe,
        reply::{Reply, Result},
    },
    input::{
        Input, Nothing,
        change::{ChangesLimit, ChangesSince},
        fault::Faults,
    },
    openapi::Routes,
    payload::{
        change::{ChangePayload, ChangesPayload},
        envelope::Enveloped,
    },
    realtime::{
        Realtime, access::ChangesAccess, change_stream::ChangeStream, close_reason::CloseReason,
        connection_log::ConnectionLog, events,
    },
};
use actix_web::{HttpRequest, HttpResponse, get, web::Data};
use deserr::Deserr;
use fasttrack_app::{Error, change::ReadChanges};
use fasttrack_domain::change::FeedReader;
use utoipa::IntoParams;

/// The route of the stream, in logs and metrics.
const STREAM: &str = "/changes/stream";

pub fn configure(config: &mut Routes<'_>) {
    config.service(list).service(follow);
}

/// Which part of the feed.
#[derive(Deserr, IntoParams)]
#[deserr(error = Faults)]
#[into_params(parameter_in = Query)]
pub struct ChangesQuery {
    /// The `cursor` of the answer before; opaque, and the caller's own. Everything is listed where it is absent.
    #[deserr(default)]
    #[param(value_type = Option<String>, example = "NDIgMiBvd24gNTQ2N2IwZGExZDEwNjQ5NQ")]
    since: ChangesSince,
    /// Most changes of the answer.
    #[deserr(default)]
    #[param(value_type = Option<i64>, minimum = 1, maximum = 1000, default = 200)]
    limit: ChangesLimit,
}

// @spec SPEC-026
/// Read what changed in all that the caller sees.
///
/// For every user. Without `since` it has everything, as `put`s; with the `cursor` of the answer before, what changed since
/// then, each thing once, at its latest. A project that the caller gains comes with everything in it; the `delete` of a
/// project stands for all in it, and that of a task for its comments. Administrators get everything.
///
/// Deletions are kept for a while (90 days, unless the operator chose otherwise); a cursor from before answers 410
/// `cursor_expired`, and so does one from before the caller became an administrator, or ceased to be one: begin anew, without
/// `since`.
#[utoipa::path(
    operation_id = "listChanges",
    tag = "changes",
    params(ChangesQuery),
    responses(
        (status = 200, description = "Changes, and the cursor after them", body = Enveloped<ChangesPayload>),
        (status = 400, description = "`validation_failed` or `invalid_cursor`: what was sent is wrong"),
        (status = 410, description = "`cursor_expired`: begin anew, without `since`"),
    ),
    security(("apiToken" = ["projects:read", "tasks:read", "comments:read"]))
)]
#[get("/changes")]
async fn list(api: Data<Api>, caller: Caller, input: Input<Nothing, ChangesQuery>) -> Result<ChangesPayload> {
    let ChangesQuery { since, limit } = input.query;
    let actor = caller.actor();
    let reader = FeedReader::new(&actor);
    let page = api.use_cases.changes.read(ReadChanges { actor, cursor: since.0, limit: limit.0 }).await?;
    Ok(Reply::ok(ChangesPayload::new(page.changes, reader.cursor(page.next), page.has_more)))
}

// @spec SPEC-026
/// Follow the change feed as Server-Sent Events.
///
/// For every user. The same changes as of `GET /changes`, first those since the cursor, then new ones as they happen, each as
/// one event `change`, whose `id` is the cursor after it: `Last-Event-ID` or `?since=` resumes. At times an `id` comes
/// without an event. Where the server ends the stream, the last event is `close` with `{"code", "reason"}`, with the close
/// codes of `GET /ws`, and 4410 where the cursor has expired meanwhile.
#[utoipa::path(
    operation_id = "followChanges",
    tag = "changes",
    params(
        ("since" = Option<String>, Query, example = "NDIgMiBvd24gNTQ2N2IwZGExZDEwNjQ5NQ",
            description = "A cursor of the caller; everything comes first where it is absent"),
        ("token" = Option<String>, Query, description = "An access token, or an API token"),
        ("ticket" = Option<String>, Query, description = "A ticket"),
        ("Last-Event-ID" = Option<String>, Header, description = "A cursor, which goes before `since`"),
    ),
    responses(
        (
            status = 200, description = "Events; the `data` of each is like this",
            body = ChangePayload, content_type = "text/event-stream"
        ),
        (status = 400, description = "`invalid_cursor`: not a cursor of the caller"),
        (status = 410, description = "`cursor_expired`: begin anew, without a cursor"),
        (status = 429, description = "`rate_limited`: the user holds too many connections"),
    ),
    security(("apiToken" = ["projects:read", "tasks:read", "comments:read"]))
)]
#[get("/changes/stream")]
async fn follow(
    api: Data<Api>,
    realtime: Data<Realtime>,
    header: std::result::Result<Caller, ApiError>,
    request: HttpRequest,
) -> std::result::Result<HttpResponse, ApiError> {
    let ChangesAccess { claims, since, field } = ChangesAccess::to_stream(&request, header, &api).await?;
    let user_id = claims.user_id;
    observe::note_user(&request, user_id);
    let open = async |claims| ChangeStream::start(&api, &realtime, Caller(claims).actor(), since).await;
    let content = realtime.connect(claims, open).await.map_err(|error| match error {
        Error::InvalidCursor(_) => ApiError::invalid_cursor(field),
        error => error.into(),
    })?;
    match content {
        Err(CloseReason::TooMany) => Err(ApiError::too_many_connections()),
        content => Ok(events::open(&request, &realtime, content, ConnectionLog::open(STREAM, &request, user_id))),
    }
}
