//! The connection that repositories use: one of their own, or one that reads share.

use diesel::{
    ConnectionResult, QueryResult,
    connection::{CacheSize, Instrumentation, TransactionManagerStatus},
    pg::Pg,
    query_builder::{AsQuery, QueryFragment, QueryId},
};
use diesel_async::{
    AnsiTransactionManager, AsyncConnection, AsyncConnectionCore, AsyncPgConnection, SimpleAsyncConnection,
    TransactionManager, pooled_connection::PoolableConnection,
};
use futures_util::{FutureExt, future::BoxFuture};
use std::sync::Arc;

/// A connection to a server.
pub struct Connection(Access);

/// What a statement answers.
pub(super) type Answer<'conn, T> = BoxFuture<'conn, QueryResult<T>>;

/// What a future of a [`Connection`] will give.
pub(super) fn answer<'conn, T>(
    future: impl Future<Output = QueryResult<T>> + Send + 'conn,
) -> BoxFuture<'conn, QueryResult<T>> {
    future.boxed()
}

enum Access {
    Exclusive(Box<AsyncPgConnection>),
    Shared(Shared),
}

/// What one of several users of a connection has. Statements of all are pipelined.
struct Shared {
    connection: Arc<AsyncPgConnection>,
    /// Broken from the beginning: a transaction would contain the others' statements.
    transactions: AnsiTransactionManager,
    instrumentation: Option<Box<dyn Instrumentation>>,
}

impl Connection {
    pub(super) fn new(connection: AsyncPgConnection) -> Self {
        Self(Access::Exclusive(Box::new(connection)))
    }

    /// A connection that others use at the same time. It refuses transactions.
    pub(super) fn shared(connection: Arc<AsyncPgConnection>) -> Self {
        let transactions = AnsiTransactionManager::default();
        let mut shared = Self(Access::Shared(Shared { connection, transactions, instrumentation: None }));
        *AnsiTransactionManager::transaction_manager_status_mut(&mut shared) = TransactionManagerStatus::InError;
        shared
    }

    /// Whether it is closed, or in a transaction that can't be ended. Unknown of a shared one.
    pub(super) fn is_broken(&mut self) -> bool {
        match &mut self.0 {
            Access::Exclusive(connection) => connection.is_broken(),
            Access::Shared(_) => false,
        }
    }

    fn inner(&self) -> &AsyncPgConnection {
        match &self.0 {
            Access::Exclusive(connection) => connection,
            Access::Shared(shared) => &shared.connection,
        }
    }
}

impl SimpleAsyncConnection for Connection {
    async fn batch_execute(&mut self, query: &str) -> QueryResult<()> {
        self.inner().batch_execute(query).await
    }
}

impl AsyncConnectionCore for Connection {
    type LoadFuture<'conn, 'query> = BoxFuture<'conn, QueryResult<Self::Stream<'conn, 'query>>>;
    type ExecuteFuture<'conn, 'query> = BoxFuture<'conn, QueryResult<usize>>;
    type Stream<'conn, 'query> = <AsyncPgConnection as AsyncConnectionCore>::Stream<'conn, 'query>;
    type Row<'conn, 'query> = <AsyncPgConnection as AsyncConnectionCore>::Row<'conn, 'query>;
    type Backend = Pg;

    fn load<'conn, 'query, T>(&'conn mut self, source: T) -> Self::LoadFuture<'conn, 'query>
    where
        T: AsQuery + 'query,
        T::Query: QueryFragment<Pg> + QueryId + 'query,
    {
        AsyncConnectionCore::load(&mut self.inner(), source)
    }

    fn execute_returning_count<'conn, 'query, T>(&'conn mut self, source: T) -> Self::ExecuteFuture<'conn, 'query>
    where
        T: QueryFragment<Pg> + QueryId + 'query,
    {
        AsyncConnectionCore::execute_returning_count(&mut self.inner(), source)
    }
}

impl AsyncConnection for Connection {
    type TransactionManager = AnsiTransactionManager;

    async fn establish(url: &str) -> ConnectionResult<Self> {
        AsyncPgConnection::establish(url).await.map(Self::new)
    }

    fn transaction_state(&mut self) -> &mut AnsiTransactionManager {
        match &mut self.0 {
            Access::Exclusive(connection) => connection.transaction_state(),
            Access::Shared(shared) => &mut shared.transactions,
        }
    }

    fn instrumentation(&mut self) -> &mut dyn Instrumentation {
        match &mut self.0 {
            Access::Exclusive(connection) => connection.instrumentation(),
            Access::Shared(shared) => &mut shared.instrumentation,
        }
    }

    fn set_instrumentation(&mut self, instrumentation: impl Instrumentation) {
        match &mut self.0 {
            Access::Exclusive(connection) => connection.set_instrumentation(instrumentation),
            Access::Shared(shared) => shared.instrumentation = Some(Box::new(instrumentation)),
        }
    }

    fn set_prepared_statement_cache_size(&mut self, size: CacheSize) {
        if let Access::Exclusive(connection) = &mut self.0 {
            connection.set_prepared_statement_cache_size(size);
        }
    }
}
