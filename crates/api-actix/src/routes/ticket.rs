//! `/ws/ticket`

use crate::{
    api::Api,
    http::{
        caller::Caller,
        reply::{Reply, Result},
    },
    payload::{envelope::Enveloped, ticket::TicketPayload},
};
use actix_web::{post, web::Data};

/// Get a ticket: a stand-in for the access token that may stand in the address of a WebSocket. Good once, for 30
/// seconds.
#[utoipa::path(
    operation_id = "issueTicket",
    tag = "realtime",
    responses((status = 201, description = "The ticket", body = Enveloped<TicketPayload>))
)]
#[post("/ws/ticket")]
pub async fn issue(api: Data<Api>, caller: Caller) -> Result<TicketPayload> {
    Ok(Reply::created(api.issue_ticket.execute(caller.0).await?.into()).uncached())
}
