//! SQLite: one writing connection on a thread of its own, and any number of reading connections.
//!
//! Writes of many callers are committed together, as a commit waits for the disk. Reads run on the calling thread: a point
//! read takes microseconds, as passing it to another thread would.

pub mod backup;
mod bulk;
mod change_rows;
mod connection;
#[path = "../copy/transaction.rs"]
pub(crate) mod copy_transaction;
mod database;
mod dialect;
mod executor;
mod feed_sql;
mod files;
mod in_place;
mod location;
mod migrations;
mod readers;
mod recorded;
#[path = "../repositories/mod.rs"]
pub mod repositories;
#[path = "../run_query_dsl.rs"]
mod run_query_dsl;
#[path = "../schema.rs"]
mod schema;
mod server_lock;
mod task_rows;
mod task_sql;
mod token_uses;
mod words;
mod writer;

pub use database::Database;
pub use in_place::Connection;
pub use location::{OpenError, SqliteLocation};
pub use server_lock::{ServerLock, served_by};

use in_place::{Answer, answer};

/// How a timestamp is stored: as microseconds since the epoch.
type Moment = diesel::sql_types::BigInt;
