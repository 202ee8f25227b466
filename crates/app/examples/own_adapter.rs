//! An adapter of one port, tested against the contract of that port: tickets in memory.

use async_trait::async_trait;
use fasttrack_domain::{
    Timestamp,
    id::UserId,
    ports::{RepositoryError, ticket::TicketRepository},
    ticket::{NewTicket, SecretHash},
    token::AccessClaims,
};
use fasttrack_testkit::builders::{MOMENT, new_ticket};
use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard, PoisonError},
};

#[derive(Default)]
struct MemoryTickets(Mutex<HashMap<SecretHash, NewTicket>>);

impl MemoryTickets {
    fn tickets(&self) -> MutexGuard<'_, HashMap<SecretHash, NewTicket>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl TicketRepository for MemoryTickets {
    async fn create(&self, ticket: NewTicket) -> Result<(), RepositoryError> {
        self.tickets().insert(ticket.hash, ticket);
        Ok(())
    }

    async fn redeem(&self, hash: SecretHash, now: Timestamp) -> Result<Option<AccessClaims>, RepositoryError> {
        let ticket = self.tickets().remove(&hash);
        Ok(ticket.filter(|ticket| now < ticket.expires_at).map(|ticket| ticket.claims))
    }

    async fn delete_expired(&self, now: Timestamp, limit: u32) -> Result<u64, RepositoryError> {
        let mut tickets = self.tickets();
        let expired = tickets.values().filter(|ticket| ticket.expires_at <= now);
        let expired: Vec<_> = expired.map(|ticket| ticket.hash).take(limit as usize).collect();
        tickets.retain(|hash, _| !expired.contains(hash));
        Ok(expired.len() as u64)
    }
}

#[tokio::main]
async fn main() -> Result<(), RepositoryError> {
    let (tickets, ticket) = (MemoryTickets::default(), new_ticket(UserId::new(7)));
    tickets.create(ticket.clone()).await?;
    for _ in 0..2 {
        let claims = tickets.redeem(ticket.hash, MOMENT).await?;
        println!("user: {:?}", claims.map(|claims| claims.user_id));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::MemoryTickets;
    use fasttrack_testkit::{contract, contract_tests};
    use std::sync::Arc;

    async fn no_tickets() -> (contract::ticket::Ports, ()) {
        (contract::ticket::Ports { tickets: Arc::new(MemoryTickets::default()) }, ())
    }

    contract_tests!(ticket, no_tickets);
}
