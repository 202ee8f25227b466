//! Who else has the database open.

use super::Database;
use crate::Error;
use diesel::{dsl::sql, select, sql_types::Bool};
use diesel_async::RunQueryDsl;

/// Sessions of the same role are shown to it, and by their name they are of this program.
const OTHERS: &str = "EXISTS (SELECT FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid() \
     AND application_name IN ('fasttrack', current_setting('application_name')))";

impl Database {
    /// Whether another process of this program has the database open, as far as the role may see that.
    pub async fn is_open_elsewhere(&self) -> Result<bool, Error> {
        let mut connection = self.unpooled().await?;
        Ok(select(sql::<Bool>(OTHERS)).get_result(&mut connection).await?)
    }
}
