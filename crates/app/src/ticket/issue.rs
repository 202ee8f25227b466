//! Somebody gets a stand-in for their access token.

use crate::Error;
use fasttrack_domain::{
    ports::{clock::Clock, secret::SecretSource, ticket::TicketRepository},
    ticket::{NewTicket, TICKET_LIFETIME},
    token::{AccessClaims, SecretToken},
};
use std::sync::Arc;

/// Hands out tickets, good once and for [`TICKET_LIFETIME`].
pub struct IssueTicket {
    tickets: Arc<dyn TicketRepository>,
    secrets: Arc<dyn SecretSource>,
    clock: Arc<dyn Clock>,
}

impl IssueTicket {
    /// Over these ports.
    pub fn new(tickets: Arc<dyn TicketRepository>, secrets: Arc<dyn SecretSource>, clock: Arc<dyn Clock>) -> Self {
        Self { tickets, secrets, clock }
    }

    /// A ticket for the bearer of a token that says `claims`.
    pub async fn execute(&self, claims: AccessClaims) -> Result<SecretToken, Error> {
        let drawn = self.secrets.draw();
        let expires_at = self.clock.now() + TICKET_LIFETIME;
        self.tickets.create(NewTicket { hash: drawn.hash, claims, expires_at }).await?;
        Ok(drawn.secret)
    }
}
