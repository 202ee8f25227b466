//! Storage of tickets.

use super::RepositoryError;
use crate::{
    Timestamp,
    ticket::{NewTicket, SecretHash},
    token::AccessClaims,
};
use async_trait::async_trait;

/// Stores tickets for all nodes until they are redeemed.
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait TicketRepository: Send + Sync {
    async fn create(&self, ticket: NewTicket) -> Result<(), RepositoryError>;

    /// Redeems a ticket that hasn't expired at `now`, and returns its claims. Of concurrent calls with one ticket
    /// exactly one succeeds.
    async fn redeem(&self, hash: SecretHash, now: Timestamp) -> Result<Option<AccessClaims>, RepositoryError>;

    /// Deletes tickets that have expired at `now`, and returns their number. Each call deletes no more than about
    /// `limit`: if as many were deleted, there may be others.
    async fn delete_expired(&self, now: Timestamp, limit: u32) -> Result<u64, RepositoryError>;
}
