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
    async fn delete_expired(&self, now: Timestamp) -> Result<u64, RepositoryError>;
}
