//! Counts attempts to log in.

use super::super::run_query_dsl::RunQueryDsl;
use super::{Connection, Database, Error, Lock, SqlTimestamp, dialect, schema::login_attempts};
use crate::lock::key_of;
use async_trait::async_trait;
use diesel::{ExpressionMethods, QueryDsl, delete, insert_into};
use fasttrack_domain::{
    Timestamp,
    id::LoginAttemptId,
    ports::{
        RepositoryError,
        rate_limit::{self, LoginAttempt},
    },
    rate_limit::{Network, Quota, RateLimitStatus},
};

/// Stores attempts to log in, and limits them by network.
#[derive(Clone)]
pub struct LoginAttempts {
    database: Database,
}

impl LoginAttempts {
    pub fn new(database: Database) -> Self {
        Self { database }
    }
}

/// The status of the rate limit for another attempt from `network`.
async fn current_status(
    conn: &mut Connection,
    network: &str,
    quota: Quota,
    now: Timestamp,
) -> Result<RateLimitStatus, Error> {
    let counted: Vec<SqlTimestamp> = login_attempts::table
        .filter(login_attempts::network.eq(network))
        .filter(login_attempts::began_at.gt(SqlTimestamp(quota.begin(now))))
        .filter(login_attempts::began_at.le(SqlTimestamp(quota.end(now))))
        .order(login_attempts::began_at)
        .select(login_attempts::began_at)
        .load(conn)
        .await?;
    let counted: Vec<_> = counted.into_iter().map(|timestamp| timestamp.0).collect();
    Ok(quota.status(&counted, now))
}

// @spec SPEC-007
#[async_trait]
impl rate_limit::LoginAttempts for LoginAttempts {
    async fn begin(&self, network: Network, quota: Quota, now: Timestamp) -> Result<LoginAttempt, RepositoryError> {
        let network = network.to_string();
        // An attempt over the limit takes no lock.
        let of = network.clone();
        let status = self.database.read(async move |conn| current_status(conn, &of, quota, now).await).await?;
        if !status.is_allowed {
            return Ok(LoginAttempt { id: None, status });
        }
        self.database
            .write(async move |conn| {
                dialect::lock(conn, Lock::Logins(key_of(&network))).await?;
                // The transaction that had the lock before may have reached the limit.
                let status = current_status(conn, &network, quota, now).await?;
                if !status.is_allowed {
                    return Ok(LoginAttempt { id: None, status });
                }
                let attempt = (login_attempts::network.eq(network), login_attempts::began_at.eq(SqlTimestamp(now)));
                let id: i64 = insert_into(login_attempts::table)
                    .values(attempt)
                    .returning(login_attempts::id)
                    .get_result(conn)
                    .await?;
                Ok(LoginAttempt { id: Some(LoginAttemptId::new(id)), status })
            })
            .await
    }

    async fn forgive(&self, id: LoginAttemptId) -> Result<(), RepositoryError> {
        self.database
            .write(async move |conn| {
                delete(login_attempts::table.find(id.get())).execute(conn).await?;
                Ok(())
            })
            .await
    }

    async fn delete_outside(&self, begin: Timestamp, end: Timestamp) -> Result<u64, RepositoryError> {
        self.database
            .write(async move |conn| {
                // Two statements, as each can use the index.
                let before = login_attempts::table.filter(login_attempts::began_at.le(SqlTimestamp(begin)));
                let after = login_attempts::table.filter(login_attempts::began_at.gt(SqlTimestamp(end)));
                Ok((delete(before).execute(conn).await? + delete(after).execute(conn).await?) as u64)
            })
            .await
    }
}
