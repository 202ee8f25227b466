//! Somebody shows a ticket.

use crate::Error;
use fasttrack_domain::{
    ports::{clock::Clock, secret::SecretSource, ticket::TicketRepository, token::TokenVerifier},
    token::{AccessClaims, TokenError},
};
use std::sync::Arc;

/// Takes tickets.
pub struct RedeemTicket {
    tickets: Arc<dyn TicketRepository>,
    secrets: Arc<dyn SecretSource>,
    verifier: Arc<dyn TokenVerifier>,
    clock: Arc<dyn Clock>,
}

impl RedeemTicket {
    /// Over these ports.
    pub fn new(
        tickets: Arc<dyn TicketRepository>,
        secrets: Arc<dyn SecretSource>,
        verifier: Arc<dyn TokenVerifier>,
        clock: Arc<dyn Clock>,
    ) -> Self {
        Self { tickets, secrets, verifier, clock }
    }

    /// Who shows it. [`Error::Token`] where it isn't good (any more), or the token is not that it stands for.
    pub async fn execute(&self, ticket: &str) -> Result<AccessClaims, Error> {
        let now = self.clock.now();
        let claims = self.tickets.redeem(self.secrets.hash(ticket), now).await?.ok_or(TokenError::Invalid)?;
        self.verifier.recheck_access(&claims, now).await?;
        Ok(claims)
    }
}
