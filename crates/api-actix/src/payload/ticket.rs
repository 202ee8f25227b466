//! Tickets.

use fasttrack_domain::{ticket::TICKET_LIFETIME, token::SecretToken};
use serde::Serialize;
use utoipa::ToSchema;

/// A single-use substitute for an access token.
#[derive(Serialize, ToSchema)]
#[schema(as = Ticket, example = json!({"ticket": "u2rUfF1Zb0m7Yk1kqQ0o5rCk3b9xq2oWc1h6s8d4e7A", "expires_in": 30}))]
pub struct TicketPayload {
    /// For `/ws?ticket=`, `/events?ticket=` or `/changes/stream?ticket=`, once.
    ticket: String,
    /// How long it is good, in seconds.
    expires_in: u64,
}

impl From<SecretToken> for TicketPayload {
    fn from(ticket: SecretToken) -> Self {
        Self { ticket: ticket.expose().to_owned(), expires_in: TICKET_LIFETIME.as_secs() }
    }
}
