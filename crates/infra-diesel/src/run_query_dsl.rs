//! Statements that run on a connection, by the methods of diesel-async's trait of the same name, once for both databases.
//!
//! The futures of that trait have the type of their statement in their own. Each function that awaits one has the compiler
//! prove again what holds for that type: a quarter of the time that this crate took to compile. Here `Answer` hides it.

use super::{Answer, Connection, answer};
use diesel::{dsl::Limit, query_dsl::methods::LimitDsl, result::Error as QueryError};
use diesel_async::methods::{ExecuteDsl, LoadQuery};
use futures_util::{TryFutureExt, TryStreamExt};
use std::pin::pin;

/// What a statement can be asked for. As in Diesel, the results of a query without a limit are all read.
pub(crate) trait RunQueryDsl: Sized {
    /// Returns how many rows the statement changed.
    fn execute<'conn, 'query>(self, conn: &'conn mut Connection) -> Answer<'conn, usize>
    where
        'query: 'conn,
        Self: ExecuteDsl<Connection> + 'query,
    {
        answer(<Self as ExecuteDsl<Connection>>::execute(self, conn))
    }

    /// Returns all rows.
    fn load<'conn, 'query, U>(self, conn: &'conn mut Connection) -> Answer<'conn, Vec<U>>
    where
        'query: 'conn,
        U: Send + 'conn,
        Self: LoadQuery<'query, Connection, U> + 'query,
    {
        answer(self.internal_load(conn).and_then(TryStreamExt::try_collect))
    }

    /// Returns the first row of those that the statement gives. `NotFound` without one.
    fn get_result<'conn, 'query, U>(self, conn: &'conn mut Connection) -> Answer<'conn, U>
    where
        'query: 'conn,
        U: Send + 'conn,
        Self: LoadQuery<'query, Connection, U> + 'query,
    {
        let rows = self.internal_load(conn);
        answer(rows.and_then(|rows| async move { pin!(rows).try_next().await?.ok_or(QueryError::NotFound) }))
    }

    /// Returns all rows, as [`load`](Self::load) does.
    fn get_results<'conn, 'query, U>(self, conn: &'conn mut Connection) -> Answer<'conn, Vec<U>>
    where
        'query: 'conn,
        U: Send + 'conn,
        Self: LoadQuery<'query, Connection, U> + 'query,
    {
        self.load(conn)
    }

    /// Asks for one row and returns it. `NotFound` without one.
    fn first<'conn, 'query, U>(self, conn: &'conn mut Connection) -> Answer<'conn, U>
    where
        'query: 'conn,
        U: Send + 'conn,
        Self: LimitDsl,
        Limit<Self>: LoadQuery<'query, Connection, U> + 'query,
    {
        self.limit(1).get_result(conn)
    }
}

impl<T> RunQueryDsl for T {}
