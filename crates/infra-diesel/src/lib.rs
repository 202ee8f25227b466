//! The repositories of fasttrack on SQLite and PostgreSQL.
//!
//! `repositories/` is plain Diesel, written once and compiled twice: as a child module of [`sqlite`] and of [`postgres`]. Each
//! parent provides a `Connection`, a `Database` with `read` and `write`, the `schema` with its types of columns, and the few
//! functions of its `dialect`.
//!
//! On SQLite a `Database` reads on the calling thread, and commits writes of many callers together; on PostgreSQL it uses a
//! pool of connections.
//!
//! ```
//! use fasttrack_infra_diesel::sqlite::{Database, SqliteLocation};
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let database = Database::open(&SqliteLocation::Memory)?;
//! database.migrate().await?;
//! let users = database.repositories().users;
//! # let _ = users;
//! # Ok(())
//! # }
//! ```

pub mod audit;
mod cached;
mod change_row;
pub mod copy;
mod error;
mod hints;
mod lock;
mod metrics;
mod migration;
pub mod postgres;
mod space;
mod sql_role;
mod sql_timestamp;
pub mod sqlite;
mod sqlstate;
mod tables;
mod url;

pub use error::Error;
pub use migration::SchemaState;
pub use sqlstate::SqlState;
pub use url::{DatabaseUrl, InvalidDatabaseUrl};
