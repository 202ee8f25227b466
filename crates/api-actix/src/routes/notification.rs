//! `/notifications`: what others did.

use crate::{
    api::Api,
    http::{
        caller::Caller,
        reply::{Reply, Result},
    },
    input::{
        Input, Nothing,
        body::Json,
        fault::Faults,
        field::{Flag, NonNull, Seq, Text},
        page::{PageCursor, PageLimit, page},
    },
    openapi::Routes,
    payload::{
        envelope::{Enveloped, EnvelopedNull},
        notification::NotificationPayload,
        page::PagePayload,
    },
};
use actix_web::{get, post, web::Data};
use deserr::Deserr;
use fasttrack_app::notification::ListNotifications;
use utoipa::{IntoParams, ToSchema};

pub fn configure(config: &mut Routes<'_>) {
    config.service(list).service(mark_read);
}

/// Which notifications.
#[derive(Deserr, IntoParams)]
#[deserr(error = Faults)]
#[into_params(parameter_in = Query)]
pub struct NotificationQuery {
    /// Only what isn't marked as read.
    #[deserr(default)]
    #[param(value_type = Option<bool>)]
    unread: NonNull<Text<Flag>>,
    /// Most items of the page.
    #[deserr(default)]
    #[param(value_type = Option<i64>, minimum = 1, maximum = 100, default = 20)]
    limit: PageLimit,
    /// The `next_cursor` of the page before; opaque.
    #[deserr(default)]
    #[param(value_type = Option<String>, example = "eyJpZCI6IDQyfQ")]
    cursor: PageCursor,
}

/// List the caller's notifications, newest first.
///
/// For every user, about the caller alone. Has what others did to the caller's projects and tasks; `unread=true`
/// leaves out what was marked as read.
#[utoipa::path(
    operation_id = "listNotifications",
    tag = "realtime",
    params(NotificationQuery),
    responses(
        (status = 200, description = "A page of notifications", body = Enveloped<PagePayload<NotificationPayload>>),
    ),
    security(("apiToken" = ["notifications:read"]))
)]
#[get("/notifications")]
async fn list(
    api: Data<Api>,
    caller: Caller,
    input: Input<Nothing, NotificationQuery>,
) -> Result<PagePayload<NotificationPayload>> {
    let NotificationQuery { unread, limit, cursor } = input.query;
    let command = ListNotifications {
        user_id: caller.actor().id,
        unread: unread.0.is_some_and(|unread| unread.0.0),
        page: page(&limit, &cursor),
    };
    Ok(Reply::ok(api.use_cases.notifications.list(command).await?.into()))
}

/// The last notification that was read.
#[derive(Deserr, ToSchema)]
#[deserr(error = Faults, deny_unknown_fields)]
#[schema(example = json!({"up_to": 7}))]
pub struct MarkReadBody {
    /// The `seq` of the last one that was read.
    #[schema(value_type = i64, minimum = 0)]
    up_to: Seq,
}

/// Mark all notifications up to a `seq` as read.
///
/// For every user, about the caller alone. Marks those that exist by now; later ones stay unread, and nothing becomes
/// unread again.
#[utoipa::path(
    operation_id = "markNotificationsRead",
    tag = "realtime",
    request_body = MarkReadBody,
    responses((status = 200, description = "Marked, as far as they exist", body = EnvelopedNull)),
    security(("apiToken" = ["notifications:write"]))
)]
#[post("/notifications/read")]
async fn mark_read(api: Data<Api>, caller: Caller, input: Input<Nothing, Nothing, Json<MarkReadBody>>) -> Result<()> {
    api.use_cases.notifications.mark_read(caller.actor().id, input.body.0.up_to.0).await?;
    Ok(Reply::ok(()))
}
