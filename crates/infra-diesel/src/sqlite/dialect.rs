//! What the repositories ask of SQLite alone.

use super::Connection;
use crate::{lock::Lock, migration};
use diesel::{QueryResult, migration::Migration, sqlite::Sqlite};
use diesel_migrations::{EmbeddedMigrations, embed_migrations};
use std::future::{Future, ready};

const MIGRATIONS: EmbeddedMigrations = embed_migrations!("../../migrations/sqlite");

/// The migrations that are built in, in their order.
pub(super) fn migrations() -> Vec<Box<dyn Migration<Sqlite>>> {
    migration::known(&MIGRATIONS)
}

/// Nothing to wait for: there is one writer.
pub(super) fn lock(_: &mut Connection, _: Lock) -> impl Future<Output = QueryResult<()>> + Send {
    ready(Ok(()))
}
