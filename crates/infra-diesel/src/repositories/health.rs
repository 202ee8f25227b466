//! Checks that the database can be written.

use super::super::run_query_dsl::RunQueryDsl;
use super::{
    Connection, Database, Error, SqlTimestamp, dialect,
    schema::{__diesel_schema_migrations as migrations, schema_expansions, tickets},
};
use crate::{SchemaState, migration};
use async_trait::async_trait;
use diesel::{ExpressionMethods, QueryDsl, delete, insert_into};
use fasttrack_domain::{
    Timestamp,
    ports::{RepositoryError, health},
};
use std::hash::{BuildHasher, RandomState};

/// Compares the schema, and writes to the database.
#[derive(Clone)]
pub struct HealthCheck {
    database: Database,
}

impl HealthCheck {
    pub fn new(database: Database) -> Self {
        Self { database }
    }
}

async fn applied(conn: &mut Connection) -> Result<Vec<String>, Error> {
    Ok(migrations::table.select(migrations::version).load(conn).await?)
}

/// Compares the schema with this program's migrations, without tolerating expansions of newer programs.
pub(crate) async fn exact_schema_state(conn: &mut Connection) -> Result<SchemaState, Error> {
    let applied = applied(conn).await?;
    Ok(migration::compare(&dialect::migrations(), &applied))
}

/// Compares the schema with this program's migrations.
pub(crate) async fn schema_state(conn: &mut Connection) -> Result<SchemaState, Error> {
    let applied = applied(conn).await?;
    let state = migration::compare(&dialect::migrations(), &applied);
    if !matches!(state, SchemaState::Newer(_)) {
        return Ok(state);
    }
    let expansions: Vec<String> = schema_expansions::table.select(schema_expansions::version).load(conn).await?;
    Ok(migration::compare_without(&dialect::migrations(), &applied, &expansions))
}

/// A value of the length of a hash that no ticket has as its hash, and that no other node uses at the same time.
fn probe() -> Vec<u8> {
    format!("health-check-{:019x}", RandomState::new().hash_one(())).into_bytes()
}

#[async_trait]
impl health::HealthCheck for HealthCheck {
    /// Inserts and deletes a row in one transaction, which fails on a read-only server or a full disk.
    async fn check(&self) -> Result<(), RepositoryError> {
        let probe = probe();
        self.database
            .write(async move |conn| {
                match schema_state(conn).await? {
                    SchemaState::UpToDate => {}
                    other => return Err(Error::Schema(other)),
                }
                let row = (
                    tickets::hash.eq(probe.clone()),
                    tickets::claims.eq("{}"),
                    tickets::expires_at.eq(SqlTimestamp(Timestamp::UNIX_EPOCH)),
                );
                insert_into(tickets::table).values(row).execute(conn).await?;
                delete(tickets::table.find(probe)).execute(conn).await?;
                Ok(())
            })
            .await
    }

    fn is_out_of_space(&self) -> bool {
        self.database.space().is_lacking()
    }
}
