//! Outages of the server, and what happens after them.

use diesel::{dsl::sql, select, sql_query, sql_types::Integer};
use diesel_async::RunQueryDsl;
use fasttrack_domain::{id::UserId, ports::RepositoryError};
use fasttrack_infra_diesel::{
    Error,
    postgres::{Database, Options},
};
use fasttrack_testkit::postgres::{self, Cluster};
use std::time::{Duration, Instant};
use tokio::{
    net::TcpListener,
    task::{JoinSet, spawn_blocking},
};

/// An upper bound for an answer that is expected within 100 ms.
const DEADLINE: Duration = Duration::from_secs(10);

/// Ends the sessions of this database only, as other tests use the same server.
pub const END_OTHERS: &str = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity \
     WHERE datname = current_database() AND application_name = 'fasttrack'";

fn impatient(url: &str, pool_size: usize) -> Database {
    let acquire_timeout = Duration::from_millis(100);
    Database::with_options(&Options { pool_size, acquire_timeout, ..Options::new(url) }).unwrap()
}

fn is_unavailable<T>(result: &Result<T, RepositoryError>) -> bool {
    matches!(result, Err(RepositoryError::Unavailable(_)))
}

#[tokio::test]
async fn work_is_refused_only_while_the_server_is_gone() {
    let Some(cluster) = Cluster::start() else { return };
    let empty = cluster.create_database();
    let database = Database::open(empty.url(), 4).unwrap();
    database.migrate().await.unwrap();
    let users = database.repositories().users;
    let mut reads = JoinSet::new();
    for _ in 0..4 {
        let users = users.clone();
        reads.spawn(async move { users.find(UserId::new(1)).await.is_ok() });
    }
    assert!(reads.join_all().await.into_iter().all(|found| found), "four connections are open");

    cluster.stop();
    let began = Instant::now();
    for _ in 0..8 {
        assert!(is_unavailable(&users.find(UserId::new(1)).await));
        assert!(is_unavailable(&database.write(async |conn| Ok(sql_query("SELECT 1").execute(conn).await?)).await));
    }
    assert!(began.elapsed() < DEADLINE);

    cluster.start_again();
    for _ in 0..8 {
        users.find(UserId::new(1)).await.unwrap();
        database.write(async |conn| Ok(sql_query("SELECT 1").execute(conn).await?)).await.unwrap();
    }
}

#[tokio::test]
async fn connection_outlives_the_thread_that_opened_it() {
    async fn process(database: &Database) -> i32 {
        let id = sql::<Integer>("pg_backend_pid()");
        database.write(async |conn| Ok(select(id).get_result(conn).await?)).await.unwrap()
    }
    let Some(cluster) = Cluster::shared() else { return };
    let empty = cluster.create_database();
    let database = Database::open(empty.url(), 1).unwrap();
    let elsewhere = database.clone();
    let ended = spawn_blocking(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(process(&elsewhere))
    });
    let first = ended.await.unwrap();
    assert_eq!(process(&database).await, first);
}

#[tokio::test]
async fn connections_that_the_server_ends_are_not_noticed_by_readers() {
    let Some(cluster) = Cluster::shared() else { return };
    let empty = cluster.create_database();
    let database = Database::open(empty.url(), 2).unwrap();
    let read = async || database.read(async |conn| Ok(sql_query("SELECT 1").execute(conn).await?)).await;
    for _ in 0..20 {
        read().await.unwrap();
        postgres::Database::execute(&empty, END_OTHERS);
        read().await.unwrap();
    }
}

#[tokio::test]
async fn a_server_that_does_not_answer_costs_no_more_than_the_timeout() {
    let silent = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let database = impatient(&format!("postgres://ann:s3cret@{}/db", silent.local_addr().unwrap()), 2);
    let began = Instant::now();
    let error = database.schema_state().await.unwrap_err();
    assert!(matches!(error, Error::Connection(_)), "{error}");
    assert!(began.elapsed() < DEADLINE);
    assert!(!format!("{error} {error:?}").contains("s3cret"));
}

#[tokio::test]
async fn refused_connection_has_its_reason_but_no_password() {
    let free = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    let error = Database::open(&format!("postgres://ann:s3cret@{free}/db"), 1).unwrap().schema_state().await;
    let error = error.unwrap_err().to_string();
    assert!(error.contains("refused") && !error.contains("s3cret") && !error.contains('\n'), "{error}");
}

#[tokio::test]
async fn work_waits_for_a_connection_as_long_as_it_may() {
    let Some(cluster) = Cluster::shared() else { return };
    let empty = cluster.create_database();
    let database = impatient(empty.url(), 1);
    let slow = database.read(async |conn| Ok(sql_query("SELECT pg_sleep(1)").execute(conn).await?));
    let quick = database.read(async |conn| Ok(sql_query("SELECT 1").execute(conn).await?));
    let (slow, quick) = tokio::join!(slow, quick);
    slow.unwrap();
    assert!(is_unavailable(&quick));
}

#[tokio::test]
async fn a_statement_that_takes_too_long_is_ended() {
    let Some(cluster) = Cluster::shared() else { return };
    let empty = cluster.create_database();
    let options = Options { statement_timeout: Duration::from_millis(50), ..Options::new(empty.url()) };
    let database = Database::with_options(&options).unwrap();
    let slow = async |conn: &mut _| Ok(sql_query("SELECT pg_sleep(60)").execute(conn).await?);
    assert!(is_unavailable(&database.read(slow).await));
    assert!(is_unavailable(&database.write(slow).await));
    database.read(async |conn| Ok(sql_query("SELECT 1").execute(conn).await?)).await.unwrap();
}
