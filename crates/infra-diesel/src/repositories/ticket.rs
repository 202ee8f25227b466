//! Tickets, which stand in for access tokens.

use super::super::run_query_dsl::RunQueryDsl;
use super::{Database, SqlTimestamp, delete_batch::delete_batch, schema::tickets};
use async_trait::async_trait;
use diesel::{ExpressionMethods, OptionalExtension, QueryDsl, delete, insert_into};
use fasttrack_domain::{
    Timestamp,
    ports::{RepositoryError, ticket},
    ticket::{NewTicket, SecretHash},
    token::AccessClaims,
};

/// Stores tickets.
#[derive(Clone)]
pub struct TicketRepository {
    database: Database,
}

impl TicketRepository {
    pub fn new(database: Database) -> Self {
        Self { database }
    }
}

#[async_trait]
impl ticket::TicketRepository for TicketRepository {
    async fn create(&self, ticket: NewTicket) -> Result<(), RepositoryError> {
        self.database
            .write(async move |conn| {
                insert_into(tickets::table)
                    .values((
                        tickets::hash.eq(&ticket.hash.as_bytes()[..]),
                        tickets::claims.eq(serde_json::to_string(&ticket.claims)?),
                        tickets::expires_at.eq(SqlTimestamp(ticket.expires_at)),
                    ))
                    .execute(conn)
                    .await?;
                Ok(())
            })
            .await
    }

    async fn redeem(&self, hash: SecretHash, now: Timestamp) -> Result<Option<AccessClaims>, RepositoryError> {
        self.database
            .write(async move |conn| {
                let ticket: Option<(String, SqlTimestamp)> = delete(tickets::table.find(&hash.as_bytes()[..]))
                    .returning((tickets::claims, tickets::expires_at))
                    .get_result(conn)
                    .await
                    .optional()?;
                let good = ticket.filter(|(_, expires_at)| expires_at.0 > now);
                Ok(good.map(|(claims, _)| serde_json::from_str(&claims)).transpose()?)
            })
            .await
    }

    async fn delete_expired(&self, now: Timestamp, limit: u32) -> Result<u64, RepositoryError> {
        self.database.write(async move |conn| Ok(delete_batch!(conn, tickets, expires_at, now, limit))).await
    }
}
