//! SQLite.

#[path = "../routes.rs"]
#[expect(clippy::duplicate_mod, reason = "the routes are the same on both databases")]
pub mod routes;

pub use sqlx::SqlitePool as Pool;

use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};
use std::time::Duration;

/// Pools to read and to write. One connection writes, as SQLite has one writer at a time.
pub async fn connect(url: &str, readers: u32) -> Result<(Pool, Pool), sqlx::Error> {
    let options = url
        .parse::<SqliteConnectOptions>()?
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full)
        .busy_timeout(Duration::from_secs(5))
        .foreign_keys(true);
    let pool = |connections| {
        SqlitePoolOptions::new().min_connections(connections).max_connections(connections).test_before_acquire(false)
    };
    let writer = pool(1).connect_with(options.clone()).await?;
    Ok((pool(readers).connect_with(options).await?, writer))
}
