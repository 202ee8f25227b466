//! `/ws` and `/events`: what others did, as it happens.

use crate::{
    api::Api,
    http::{caller::Caller, error::ApiError, observe},
    openapi::Routes,
    payload::notification::MessagePayload,
    realtime::{
        Realtime, access::Access, close_reason::CloseReason, connection_log::ConnectionLog, events,
        notification_source::NotificationSource, socket,
    },
};
use actix_web::{
    Error, HttpRequest, HttpResponse, get,
    web::{Data, Payload},
};

pub fn configure(config: &mut Routes<'_>) {
    config.service(open_socket).service(follow_events);
}

/// Open a WebSocket for the caller's notifications.
///
/// For every user, about the caller alone. Each text message is one JSON object. The token comes as `?token=`, as a
/// `?ticket=` of `POST /ws/ticket`, as `Sec-WebSocket-Protocol: fasttrack, bearer.<token>`, or as `Authorization:
/// Bearer`.
///
/// With `changes=true` it also has, at most once a second, `{"type": "changes", "cursor"}` when `GET /changes` has something
/// new for the caller: that goes to the cursor by now. An API token needs the scopes of `GET /changes` for it.
///
/// Close codes: 4401 the token has expired or was revoked, 1012 the server restarts, 1013 too slow (connect again
/// with `since`), 1009 a message over 4 KiB, 1008 too many connections of the user, 1001 no pong came.
#[utoipa::path(
    operation_id = "openSocket",
    tag = "realtime",
    params(
        ("since" = Option<i64>, Query, minimum = 0,
            description = "Replays all notifications behind this number first; only new ones where absent"),
        ("changes" = Option<bool>, Query, description = "Whether hints of changes come too; `false` where absent"),
        ("token" = Option<String>, Query, description = "An access token, or an API token"),
        ("ticket" = Option<String>, Query, description = "A ticket"),
        ("Sec-WebSocket-Protocol" = Option<String>, Header, description = "`fasttrack, bearer.<access token>`"),
    ),
    responses(
        (status = 101, description = "A WebSocket; each of its messages is like this", body = MessagePayload),
        (status = 403, description = "`forbidden`: a page of this origin may not"),
    ),
    security(("apiToken" = ["notifications:read"]))
)]
#[get("/ws")]
async fn open_socket(
    api: Data<Api>,
    realtime: Data<Realtime>,
    header: Result<Caller, ApiError>,
    request: HttpRequest,
    payload: Payload,
) -> Result<HttpResponse, Error> {
    let Access { claims, since, changes } = Access::to_socket(&request, header, &api, &realtime).await?;
    let user_id = claims.user_id;
    observe::note_user(&request, user_id);
    let open = async |claims| NotificationSource::start(&api, &realtime, claims, since, changes).await;
    let content = realtime.connect(claims, open).await.map_err(ApiError::from)?;
    let log = ConnectionLog::open("/ws", &request, user_id);
    socket::open(&request, payload.into_inner(), &realtime, content, log)
}

/// Follow the caller's notifications as Server-Sent Events.
///
/// For every user, about the caller alone. The events are the same objects as over a WebSocket; `id` is `seq`, and
/// `Last-Event-ID` or `?since=` resumes. Where the server ends the stream, the last event is `close` with `{"code",
/// "reason"}`, with the close codes of `GET /ws`. `changes=true` is that of `GET /ws`; these events have no `id`.
#[utoipa::path(
    operation_id = "followEvents",
    tag = "realtime",
    params(
        ("since" = Option<i64>, Query, minimum = 0,
            description = "Replays all notifications behind this number first; only new ones where absent"),
        ("changes" = Option<bool>, Query, description = "Whether hints of changes come too; `false` where absent"),
        ("token" = Option<String>, Query, description = "An access token, or an API token"),
        ("ticket" = Option<String>, Query, description = "A ticket"),
        ("Last-Event-ID" = Option<i64>, Header, minimum = 0, description = "Goes before `since`"),
    ),
    responses(
        (
            status = 200, description = "Events; the `data` of each is like this",
            body = MessagePayload, content_type = "text/event-stream"
        ),
        (status = 429, description = "`rate_limited`: the user holds too many connections"),
    ),
    security(("apiToken" = ["notifications:read"]))
)]
#[get("/events")]
async fn follow_events(
    api: Data<Api>,
    realtime: Data<Realtime>,
    header: Result<Caller, ApiError>,
    request: HttpRequest,
) -> Result<HttpResponse, ApiError> {
    let Access { claims, since, changes } = Access::to_events(&request, header, &api).await?;
    let user_id = claims.user_id;
    observe::note_user(&request, user_id);
    let open = async |claims| NotificationSource::start(&api, &realtime, claims, since, changes).await;
    match realtime.connect(claims, open).await? {
        Err(CloseReason::TooMany) => Err(ApiError::too_many_connections()),
        content => Ok(events::open(&request, &realtime, content, ConnectionLog::open("/events", &request, user_id))),
    }
}
