//! Storage of tickets.

use super::RepositoryError;
use crate::{
    Timestamp,
    ticket::{NewTicket, SecretHash},
    token::AccessClaims,
};
use async_trait::async_trait;

/// Keeps tickets until they are redeemed, for all nodes.
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait TicketRepository: Send + Sync {
    /// Keeps a ticket.
    async fn create(&self, ticket: NewTicket) -> Result<(), RepositoryError>;

    /// What the ticket stands for, if it hasn't expired at `now`. Of any number of simultaneous calls with one ticket
    /// exactly one is told.
    async fn redeem(&self, hash: SecretHash, now: Timestamp) -> Result<Option<AccessClaims>, RepositoryError>;

    /// Forgets tickets that have expired at `now`. How many.
    /// Deletes no more than about `limit` at once: where as many went, there may be others.
    async fn delete_expired(&self, now: Timestamp, limit: u32) -> Result<u64, RepositoryError>;
}
