//! Finds other processes of this program that have the database open.

use super::database::Database;
use super::run_query_dsl::RunQueryDsl;
use crate::Error;
use diesel::{dsl::sql, select, sql_types::Bool};

/// Whether there is another session with the `application_name` of this program. A role sees its own sessions.
const OTHERS: &str = "EXISTS (SELECT FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid() \
     AND application_name IN ('fasttrack', current_setting('application_name')))";

impl Database {
    /// Whether another process of this program has the database open, among the sessions that the role can see.
    pub async fn is_open_elsewhere(&self) -> Result<bool, Error> {
        let mut connection = self.unpooled().await?;
        Ok(select(sql::<Bool>(OTHERS)).get_result(&mut connection).await?)
    }
}
