//! Erases accounts: `begin` in one transaction, and the rest in portions.
//!
//! Nothing is stored of how far an erasure has come. What is erased isn't found again, so that it goes on anywhere.

mod assignments;
mod audit_entries;
mod begin;
mod deliveries;
mod memberships;
mod notifications;
mod own_rows;
mod payloads;
mod portion;
mod projects;

use super::{Connection, Database, api_token::end::revoke_all, audit, event};
use async_trait::async_trait;
use fasttrack_domain::{
    erasure::{Erasure, NewErasure},
    job::JobPayload,
    ports::{
        RepositoryError,
        erasure::{self, Begun},
    },
};

/// Erases accounts.
#[derive(Clone)]
pub struct ErasureRepository {
    database: Database,
}

impl ErasureRepository {
    pub fn new(database: Database) -> Self {
        Self { database }
    }
}

// @spec SPEC-021
// @decision DEC-0029
#[async_trait]
impl erasure::ErasureRepository for ErasureRepository {
    async fn begin(&self, erasure: NewErasure) -> Result<Begun, RepositoryError> {
        let begun =
            self.database.write(async move |conn| begin::begin(conn, erasure).await).await.map(audit::log_committed)?;
        if let Begun::Erased(_) = begun {
            self.database.hints().jobs.notify_one();
            self.database.hints().events.notify_one();
        }
        Ok(begun)
    }

    async fn step(&self, erasure: &Erasure) -> Result<bool, RepositoryError> {
        let database = &self.database;
        let (user, receiver, at) = (erasure.user_id.get(), erasure.reassign_to, erasure.at);
        // Each is a transaction of its own, and one that found as many rows as it may ends the call.
        let deleted = database.write(async move |conn| projects::delete(conn, user, at).await).await;
        if !deleted.inspect(event::notify(database))? {
            return Ok(false);
        }
        let ended = database.write(async move |conn| assignments::end(conn, user, receiver, at).await).await;
        if !ended.inspect(event::notify(database))? {
            return Ok(false);
        }
        let id = erasure.user_id;
        let delete_own = async move |conn: &mut Connection| {
            // A node of a release without API tokens, which may have begun the erasure, left them unrevoked.
            revoke_all(conn, id, at).await?;
            own_rows::delete(conn, user).await
        };
        if !database.write(delete_own).await? {
            return Ok(false);
        }
        let is_last = notifications::replace_actor(database, erasure).await?
            && deliveries::replace_name(database, erasure).await?
            && audit_entries::erase(database, erasure.user_id).await?
            && payloads::erase(database, erasure).await?;
        if is_last {
            let job = JobPayload::EraseUser(erasure.clone());
            database.write(async move |conn| payloads::delete_waiting(conn, &job).await).await?;
        }
        Ok(is_last)
    }
}
