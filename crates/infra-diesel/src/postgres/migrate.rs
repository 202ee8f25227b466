//! Migrates the schema.

use super::run_query_dsl::RunQueryDsl;
use super::{
    connection::Connection,
    database::Database,
    dialect,
    repositories::{address_forms, schema_state},
};
use crate::{Error, SchemaState, migration};
use diesel::{dsl::sql, migration::CREATE_MIGRATIONS_TABLE, select, sql_types::Bool};
use diesel_async::{AsyncConnection, AsyncMigrationHarness, SimpleAsyncConnection};
use diesel_migrations::MigrationHarness;
use std::time::Instant;
use tokio::task::spawn_blocking;

impl Database {
    /// Applies the pending migrations and returns their names. Where several nodes migrate at once, one goes first.
    pub async fn migrate(&self) -> Result<Vec<String>, Error> {
        let mut connection = self.unpooled().await?;
        // Released when the connection is closed, whatever happens.
        dialect::lock_schema(&mut connection).await?;
        // Behind the lock: where two nodes create the table at once, one fails despite `IF NOT EXISTS`.
        connection.batch_execute(CREATE_MIGRATIONS_TABLE).await?;
        let pending = match schema_state(&mut connection).await? {
            SchemaState::UpToDate => return Ok(Vec::new()),
            SchemaState::Behind(names) => names,
            newer @ SchemaState::Newer(_) => return Err(Error::Schema(newer)),
        };
        let mut harness = AsyncMigrationHarness::new(connection);
        if let Some((before, after)) = address_forms::split(&pending) {
            let mut other = self.unpooled().await?;
            if has_users(&mut other).await? {
                // Fails before anything is changed.
                address_forms::outdated(&mut other).await?;
            }
            harness = apply(harness, before.to_vec()).await?;
            Connection::transaction(&mut other, async |conn| address_forms::convert(conn).await).await?;
            apply(harness, after.to_vec()).await?;
        } else {
            apply(harness, pending.clone()).await?;
        }
        Ok(pending)
    }

    /// Compares the schema with this program's migrations.
    pub async fn schema_state(&self) -> Result<SchemaState, Error> {
        let mut borrowed = self.pool().get(Instant::now()).await?;
        let connection = borrowed.connection();
        let migrated = sql::<Bool>("to_regclass('__diesel_schema_migrations') IS NOT NULL");
        let state = if select(migrated).get_result(connection).await? {
            schema_state(connection).await?
        } else {
            migration::compare(&dialect::migrations(), &[])
        };
        borrowed.done();
        Ok(state)
    }
}

/// Applies the migrations with these names, each in a transaction of its own.
async fn apply(
    mut harness: AsyncMigrationHarness<Connection>,
    names: Vec<String>,
) -> Result<AsyncMigrationHarness<Connection>, Error> {
    let applied = spawn_blocking(move || {
        for migration in dialect::migrations().iter().filter(|m| names.contains(&m.name().to_string())) {
            harness.run_migration(migration)?;
        }
        Ok(harness)
    });
    applied.await.map_err(|panicked| Error::Migration(panicked.into()))?.map_err(Error::Migration)
}

/// Whether the table of accounts exists.
async fn has_users(connection: &mut Connection) -> Result<bool, Error> {
    Ok(select(sql::<Bool>("to_regclass('users') IS NOT NULL")).get_result(connection).await?)
}
