//! Whether the database can be used.

use super::{
    Connection, Database, Error, dialect,
    schema::{__diesel_schema_migrations as migrations, schema_expansions},
};
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

async fn applied(conn: &mut Connection) -> Result<Vec<String>, Error> {
    Ok(migrations::table.select(migrations::version).load(conn).await?)
}

/// The schema of the database, seen from this program, where all that's in it matters.
pub(crate) async fn exact_schema_state(conn: &mut Connection) -> Result<SchemaState, Error> {
    let applied = applied(conn).await?;
    Ok(migration::compare(&dialect::migrations(), &applied))
}

/// The schema of the database, seen from this program.
pub(crate) async fn schema_state(conn: &mut Connection) -> Result<SchemaState, Error> {
    let applied = applied(conn).await?;
    let state = migration::compare(&dialect::migrations(), &applied);
    if !matches!(state, SchemaState::Newer(_)) {
        return Ok(state);
    }
    let expansions: Vec<String> = schema_expansions::table.select(schema_expansions::version).load(conn).await?;
    Ok(migration::compare_without(&dialect::migrations(), &applied, &expansions))
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
