//! A connection of Diesel for asynchronous code that is never suspended.
//!
//! The repositories await their statements, as PostgreSQL answers later. SQLite answers at once, on the calling thread.
//! diesel-async's own wrapper is made for a thread of its own: it copies the text, the parameters and every row of each
//! statement, which took longer than the statement. Here a row is read where SQLite has it.

use crate::Error;
use diesel::{
    Connection as _, ConnectionResult, QueryResult, RunQueryDsl, SqliteConnection,
    connection::{
        AnsiTransactionManager, CacheSize, Instrumentation, LoadConnection, SimpleConnection, TransactionManager as _,
        TransactionManagerStatus,
    },
    expression::functions::define_sql_function,
    query_builder::{AsQuery, AstPass, Query, QueryFragment, QueryId},
    result::Error as QueryError,
    select,
    sql_types::Untyped,
    sqlite::Sqlite,
};
use diesel_async::{AsyncConnection, AsyncConnectionCore, SimpleAsyncConnection, TransactionManager};
use futures_util::{
    FutureExt,
    future::{Ready, ready},
    stream::{self, Iter},
};
use send_wrapper::SendWrapper;

define_sql_function! {
    /// Returns how many rows the last statement changed.
    fn changes() -> BigInt;
}

// @decision DEC-0026
/// A connection whose futures are ready at the first poll. What it returns panics on another thread, which it can't get to
/// within `in_place`.
pub struct Connection {
    sqlite: SqliteConnection,
    /// The ids and words of tasks that are written at the end of the group, where transactions are groups.
    words: Option<Vec<(i64, String)>>,
}

/// Runs work on a [`Connection`] to its end. [`Error::Waited`] where it awaits anything else.
pub(super) fn in_place<T>(work: impl Future<Output = Result<T, Error>>) -> Result<T, Error> {
    work.now_or_never().unwrap_or(Err(Error::Waited))
}

/// What a statement answers, which is there at once.
pub(super) type Answer<'conn, T> = Ready<QueryResult<T>>;

/// What a future of a [`Connection`] gives.
pub(super) fn answer<T>(future: impl Future<Output = QueryResult<T>>) -> Ready<QueryResult<T>> {
    ready(future.now_or_never().unwrap_or_else(|| Err(QueryError::QueryBuilderError(Box::new(Error::Waited)))))
}

impl Connection {
    pub(super) fn new(sqlite: SqliteConnection) -> Self {
        Self { sqlite, words: None }
    }

    /// The words that wait for the end of the group.
    pub(super) fn words(&mut self) -> &mut Option<Vec<(i64, String)>> {
        &mut self.words
    }

    /// Executes a statement and returns how many rows it changed.
    fn execute<'query, T>(&mut self, source: T) -> QueryResult<usize>
    where
        T: QueryFragment<Sqlite> + QueryId + 'query,
    {
        if T::HAS_STATIC_QUERY_ID || !source.is_safe_to_cache_prepared(&Sqlite)? {
            return self.sqlite.execute_returning_count(&source);
        }
        // Diesel executes statements by reference, and asks the reference whether to keep them prepared: it doesn't know of
        // `Cached`.
        for row in LoadConnection::load(&mut self.sqlite, UntypedQuery(source))? {
            row?;
        }
        let changed: i64 = select(changes()).get_result(&mut self.sqlite)?;
        usize::try_from(changed).map_err(|error| QueryError::DeserializationError(error.into()))
    }

    /// The connection for code that isn't asynchronous.
    pub(super) fn blocking(&mut self) -> &mut SqliteConnection {
        &mut self.sqlite
    }
}

impl SimpleAsyncConnection for Connection {
    async fn batch_execute(&mut self, query: &str) -> QueryResult<()> {
        self.sqlite.batch_execute(query)
    }
}

impl AsyncConnectionCore for Connection {
    type ExecuteFuture<'conn, 'query> = Ready<QueryResult<usize>>;
    type LoadFuture<'conn, 'query> = Ready<QueryResult<Self::Stream<'conn, 'query>>>;
    type Stream<'conn, 'query> = SendWrapper<Iter<<SqliteConnection as LoadConnection>::Cursor<'conn, 'query>>>;
    type Row<'conn, 'query> = <SqliteConnection as LoadConnection>::Row<'conn, 'query>;
    type Backend = Sqlite;

    fn load<'conn, 'query, T>(&'conn mut self, source: T) -> Self::LoadFuture<'conn, 'query>
    where
        T: AsQuery + 'query,
        T::Query: QueryFragment<Sqlite> + QueryId + 'query,
    {
        let rows = LoadConnection::load(&mut self.sqlite, UntypedQuery(source.as_query()));
        ready(rows.map(|rows| SendWrapper::new(stream::iter(rows))))
    }

    fn execute_returning_count<'conn, 'query, T>(&'conn mut self, source: T) -> Self::ExecuteFuture<'conn, 'query>
    where
        T: QueryFragment<Sqlite> + QueryId + 'query,
    {
        ready(self.execute(source))
    }
}

impl AsyncConnection for Connection {
    type TransactionManager = InPlaceTransactions;

    async fn establish(url: &str) -> ConnectionResult<Self> {
        SqliteConnection::establish(url).map(Self::new)
    }

    fn transaction_state(&mut self) -> &mut AnsiTransactionManager {
        self.sqlite.transaction_state()
    }

    fn instrumentation(&mut self) -> &mut dyn Instrumentation {
        self.sqlite.instrumentation()
    }

    fn set_instrumentation(&mut self, instrumentation: impl Instrumentation) {
        self.sqlite.set_instrumentation(instrumentation);
    }

    fn set_prepared_statement_cache_size(&mut self, size: CacheSize) {
        self.sqlite.set_prepared_statement_cache_size(size);
    }
}

/// Diesel's transactions, on a [`Connection`].
pub struct InPlaceTransactions;

impl TransactionManager<Connection> for InPlaceTransactions {
    type TransactionStateData = AnsiTransactionManager;

    async fn begin_transaction(connection: &mut Connection) -> QueryResult<()> {
        AnsiTransactionManager::begin_transaction(&mut connection.sqlite)
    }

    async fn rollback_transaction(connection: &mut Connection) -> QueryResult<()> {
        AnsiTransactionManager::rollback_transaction(&mut connection.sqlite)
    }

    async fn commit_transaction(connection: &mut Connection) -> QueryResult<()> {
        AnsiTransactionManager::commit_transaction(&mut connection.sqlite)
    }

    fn transaction_manager_status_mut(connection: &mut Connection) -> &mut TransactionManagerStatus {
        AnsiTransactionManager::transaction_manager_status_mut(&mut connection.sqlite)
    }
}

/// A query without its type of rows: diesel-async checks that itself, and doesn't pass it on.
struct UntypedQuery<Q>(Q);

impl<Q> Query for UntypedQuery<Q> {
    type SqlType = Untyped;
}

impl<Q: QueryId> QueryId for UntypedQuery<Q> {
    type QueryId = Q::QueryId;
    const HAS_STATIC_QUERY_ID: bool = Q::HAS_STATIC_QUERY_ID;
}

impl<Q: QueryFragment<Sqlite>> QueryFragment<Sqlite> for UntypedQuery<Q> {
    fn walk_ast<'b>(&'b self, pass: AstPass<'_, 'b, Sqlite>) -> QueryResult<()> {
        self.0.walk_ast(pass)
    }

    fn is_safe_to_cache_prepared(&self, backend: &Sqlite) -> QueryResult<bool> {
        self.0.is_safe_to_cache_prepared(backend)
    }
}
