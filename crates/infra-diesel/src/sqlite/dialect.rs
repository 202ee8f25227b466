//! What the repositories ask of SQLite alone.

use super::{Connection, schema::projects};
use crate::{lock::Lock, migration};
use diesel::{ExpressionMethods, QueryDsl, QueryResult, migration::Migration, sqlite::Sqlite};
use diesel_async::RunQueryDsl;
use diesel_migrations::{EmbeddedMigrations, embed_migrations};
use fasttrack_domain::notification::News;
use std::future::{Future, ready};

const MIGRATIONS: EmbeddedMigrations = embed_migrations!("../../migrations/sqlite");

/// The migrations that are built in, in their order.
pub(super) fn migrations() -> Vec<Box<dyn Migration<Sqlite>>> {
    migration::known(&MIGRATIONS)
}

/// A query for rows to change: all of them, as nobody else changes any.
macro_rules! skip_locked {
    ($query:expr) => {
        $query
    };
}
pub(super) use skip_locked;

/// Nothing to wait for: there is one writer.
pub(super) fn lock(_: &mut Connection, _: Lock) -> impl Future<Output = QueryResult<()>> + Send {
    ready(Ok(()))
}

/// Which of these projects exist.
pub(super) async fn keep_projects(conn: &mut Connection, ids: Vec<i64>) -> QueryResult<Vec<i64>> {
    projects::table.filter(projects::id.eq_any(ids)).select(projects::id).load(conn).await
}

/// Nothing to wait for: there is one writer.
pub(super) fn lock_tasks(_: &mut Connection) -> impl Future<Output = QueryResult<()>> + Send {
    ready(Ok(()))
}

/// Nobody listens: there is one node.
pub(super) fn announce(_: &mut Connection, _: &[News]) -> impl Future<Output = QueryResult<()>> + Send + use<> {
    ready(Ok(()))
}
