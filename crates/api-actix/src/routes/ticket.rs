//! `/ws/ticket`

use crate::{
    api::Api,
    http::{
        caller::Caller,
        reply::{Reply, Result},
    },
    openapi::Routes,
    payload::{envelope::Enveloped, ticket::TicketPayload},
};
use actix_web::{post, web::Data};

pub fn configure(config: &mut Routes<'_>) {
    config.service(issue);
}

/// Get a ticket for a WebSocket or an event stream.
///
/// For every user. A ticket stands for the access token in the address of `GET /ws`, `GET /events` or `GET
/// /changes/stream`, as addresses end up in logs. It is good once, for 30 seconds, on any node.
#[utoipa::path(
    operation_id = "issueTicket",
    tag = "realtime",
    responses((status = 201, description = "The ticket", body = Enveloped<TicketPayload>)),
    security(("apiToken" = ["notifications:read"]))
)]
#[post("/ws/ticket")]
async fn issue(api: Data<Api>, caller: Caller) -> Result<TicketPayload> {
    Ok(Reply::created(api.use_cases.tickets.issue(caller.0).await?.into()).uncached())
}
