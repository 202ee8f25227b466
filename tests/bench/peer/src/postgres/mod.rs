//! PostgreSQL.

#[path = "../routes.rs"]
#[expect(clippy::duplicate_mod, reason = "the routes are the same on both databases")]
pub mod routes;

pub use sqlx::PgPool as Pool;

use sqlx::postgres::PgPoolOptions;

/// A pool of connections that are not tested before each use, which would be a round trip more.
pub async fn connect(url: &str, connections: u32) -> Result<Pool, sqlx::Error> {
    let pool = PgPoolOptions::new().min_connections(connections).max_connections(connections);
    pool.test_before_acquire(false).connect(url).await
}
