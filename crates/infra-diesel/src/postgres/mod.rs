//! PostgreSQL: a pool of connections, and a transaction for each unit of work that writes.

mod bulk;
mod change_rows;
mod channel_binding;
mod columns;
mod connection;
#[path = "../copy/transaction.rs"]
#[expect(clippy::duplicate_mod, reason = "as the repositories")]
pub(crate) mod copy_transaction;
mod database;
mod dialect;
mod feed_sql;
mod groups;
mod listener;
mod manager;
mod migrate;
mod news;
mod options;
mod other_processes;
mod pool;
mod recorded;
#[path = "../repositories/mod.rs"]
#[expect(clippy::duplicate_mod, reason = "one source for both databases; the parent module says which it is")]
pub mod repositories;
#[path = "../run_query_dsl.rs"]
#[expect(clippy::duplicate_mod, reason = "as the repositories")]
mod run_query_dsl;
#[path = "../schema.rs"]
#[expect(clippy::duplicate_mod, reason = "as the repositories")]
mod schema;
mod shared;
mod sharing;
mod sqlstate_reader;
mod target;
mod task_rows;
mod task_sql;
mod tls;
mod token_uses;
mod work;

pub use connection::Connection;
pub use database::Database;
pub use listener::NotificationListener;
pub use options::Options;
pub use work::Work;

use connection::{Answer, answer};

/// How a timestamp is stored.
type Moment = diesel::sql_types::Timestamptz;
