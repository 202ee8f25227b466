//! Tickets: short-lived stand-ins for access tokens.

mod issue;
mod redeem;

use crate::Ports;
use fasttrack_domain::ports::{clock::Clock, secret::SecretSource, ticket::TicketRepository, token::TokenVerifier};
use std::sync::Arc;

#[derive(Clone)]
pub struct Tickets {
    pub tickets: Arc<dyn TicketRepository>,
    /// The same tickets, by connections for requests that no rate limit has counted yet.
    pub uncounted: Arc<dyn TicketRepository>,
    pub secrets: Arc<dyn SecretSource>,
    pub verifier: Arc<dyn TokenVerifier>,
    pub clock: Arc<dyn Clock>,
}

impl Tickets {
    pub(crate) fn new(ports: &Ports) -> Self {
        Self {
            tickets: ports.repositories.tickets.clone(),
            uncounted: ports.uncounted.tickets.clone(),
            secrets: ports.secrets.clone(),
            verifier: ports.verifier.clone(),
            clock: ports.clock.clone(),
        }
    }
}

#[cfg(test)]
impl Tickets {
    /// Returns mocks that expect no call. A test replaces those that it needs.
    pub(crate) fn mocked() -> Self {
        use fasttrack_domain::ports::{
            secret::MockSecretSource, ticket::MockTicketRepository, token::MockTokenVerifier,
        };
        Self {
            tickets: Arc::new(MockTicketRepository::new()),
            uncounted: Arc::new(MockTicketRepository::new()),
            secrets: Arc::new(MockSecretSource::new()),
            verifier: Arc::new(MockTokenVerifier::new()),
            clock: crate::fixtures::clock(),
        }
    }
}
