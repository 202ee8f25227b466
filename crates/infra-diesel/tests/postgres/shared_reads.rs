//! Connections that reads share.

use diesel::{dsl::sql, select, sql_query, sql_types::Integer};
use diesel_async::{AsyncConnection, RunQueryDsl};
use fasttrack_domain::ports::RepositoryError;
use fasttrack_infra_diesel::{
    Error,
    postgres::{Connection, Database},
};
use fasttrack_testkit::postgres::{self, Cluster};
use std::collections::BTreeSet;
use tokio::task::JoinSet;

/// The smallest pool of which one connection is shared.
const SHARING: usize = 8;

/// The server process that answers a read.
async fn process(database: Database) -> Result<i32, RepositoryError> {
    let id = sql::<Integer>("pg_backend_pid()");
    database.read(async |conn| Ok(select(id).get_result(conn).await?)).await
}

/// The server processes that answer many reads at once.
async fn processes(database: &Database) -> BTreeSet<i32> {
    let reads: JoinSet<_> = (0..100).map(|_| process(database.clone())).collect();
    reads.join_all().await.into_iter().collect::<Result<_, _>>().unwrap()
}

#[tokio::test]
async fn reads_are_retried_after_shared_connection_is_lost() {
    let Some(cluster) = Cluster::shared() else { return };
    let empty = cluster.create_database();
    let database = Database::open(empty.url(), SHARING).unwrap();
    for _ in 0..3 {
        assert!(!processes(&database).await.is_empty());
        postgres::Database::execute(&empty, super::outage::END_OTHERS);
    }
}

#[tokio::test]
async fn reads_at_once_share_one_connection() {
    let Some(cluster) = Cluster::shared() else { return };
    let empty = cluster.create_database();
    let database = Database::open(empty.url(), SHARING).unwrap();
    let shared = process(database.clone()).await.unwrap();
    assert_eq!(processes(&database).await, BTreeSet::from([shared]));
    // An error of one read is no other's.
    let failing = database.read(async |conn| Ok(sql_query("SELECT 1/0").execute(conn).await?));
    let (failed, others) = tokio::join!(failing, processes(&database));
    assert!(matches!(failed, Err(RepositoryError::Other(_))), "{failed:?}");
    assert_eq!(others, BTreeSet::from([shared]));
}

#[tokio::test]
async fn transaction_is_not_begun_on_shared_connection() {
    let Some(cluster) = Cluster::shared() else { return };
    let empty = cluster.create_database();
    let database = Database::open(empty.url(), SHARING).unwrap();
    let shared = process(database.clone()).await.unwrap();
    let begin = async |conn: &mut Connection| {
        let id = async |conn: &mut Connection| {
            Ok::<_, Error>(select(sql::<Integer>("pg_backend_pid()")).get_result::<i32>(conn).await?)
        };
        Connection::transaction(conn, id).await
    };
    assert_ne!(database.read(begin).await.unwrap(), shared);
}
