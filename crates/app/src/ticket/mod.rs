//! Tickets.

mod issue;
mod redeem;

use fasttrack_domain::ports::{clock::Clock, secret::SecretSource, ticket::TicketRepository, token::TokenVerifier};
use std::sync::Arc;

/// Short-lived stand-ins for access tokens.
#[derive(Clone)]
pub struct Tickets {
    pub tickets: Arc<dyn TicketRepository>,
    /// The same tickets, for requests that no rate limit has counted yet.
    pub uncounted: Arc<dyn TicketRepository>,
    pub secrets: Arc<dyn SecretSource>,
    pub verifier: Arc<dyn TokenVerifier>,
    pub clock: Arc<dyn Clock>,
}

#[cfg(test)]
impl Tickets {
    /// Each mock fails the test that calls it. A test replaces the ports that it needs.
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
