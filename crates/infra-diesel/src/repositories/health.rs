//! Whether the database can be used.

use super::{Connection, Database, Error, dialect, schema::__diesel_schema_migrations as migrations};
use crate::{SchemaState, migration};
use async_trait::async_trait;
use diesel::QueryDsl;
use diesel_async::RunQueryDsl;
use fasttrack_domain::ports::{RepositoryError, health};

/// Reads from the database and compares its schema.
#[derive(Clone)]
pub struct HealthCheck {
    database: Database,
}

impl HealthCheck {
    /// Of this database.
    pub fn new(database: Database) -> Self {
        Self { database }
    }
}

/// The schema of the database, seen from this program.
pub(crate) async fn schema_state(conn: &mut Connection) -> Result<SchemaState, Error> {
    let applied: Vec<String> = migrations::table.select(migrations::version).load(conn).await?;
    Ok(migration::compare(&dialect::migrations(), &applied))
}

#[async_trait]
impl health::HealthCheck for HealthCheck {
    async fn check(&self) -> Result<(), RepositoryError> {
        self.database
            .read(async |conn| match schema_state(conn).await? {
                SchemaState::UpToDate => Ok(()),
                other => Err(Error::Schema(other)),
            })
            .await
    }
}
