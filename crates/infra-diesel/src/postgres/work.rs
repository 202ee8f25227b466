//! Units of work, and what their queries see.

use super::connection::Connection;
use crate::Error;
use diesel_async::{AnsiTransactionManager, TransactionManager};
use std::future::Future;

/// Begins a transaction whose queries see the database as it is at one moment.
const SNAPSHOT: &str = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";

/// An [`AsyncFnOnce`] whose future is [`Send`], which can't be written as a bound on that trait.
pub trait Work<C, R>: FnOnce(C) -> Self::Future {
    /// The future that it returns.
    type Future: Future<Output = R> + Send;
}

impl<F, C, R, Future> Work<C, R> for F
where
    F: FnOnce(C) -> Future,
    Future: std::future::Future<Output = R> + Send,
{
    type Future = Future;
}

/// What the queries of a unit of work see.
#[derive(Clone, Copy)]
pub(super) enum Isolation {
    /// Each sees the database as it is when it begins.
    Statements,
    /// All see the database as it is at one moment.
    Snapshot,
}

/// Runs `work` on a connection. What it does for a snapshot is read.
pub(super) async fn isolated<T, F>(conn: &mut Connection, isolation: Isolation, work: F) -> Result<T, Error>
where
    T: Send,
    F: for<'c> Work<&'c mut Connection, Result<T, Error>> + Send,
{
    match isolation {
        Isolation::Statements => work(conn).await,
        Isolation::Snapshot => {
            AnsiTransactionManager::begin_transaction_sql(conn, SNAPSHOT).await?;
            let result = work(&mut *conn).await;
            let ended = match result {
                Ok(_) => AnsiTransactionManager::commit_transaction(conn).await,
                Err(_) => AnsiTransactionManager::rollback_transaction(conn).await,
            };
            let value = result?;
            ended?;
            Ok(value)
        }
    }
}
