//! Servers that are read-only or shut down are recognized by SQLSTATE, whatever their language.

use diesel::{dsl::sql, select, sql_query, sql_types::Integer};
use diesel_async::RunQueryDsl;
use fasttrack_domain::ports::RepositoryError;
use fasttrack_infra_diesel::postgres::Database;
use fasttrack_testkit::postgres::{self, Cluster};
use std::{
    fs,
    time::{Duration, Instant},
};
use tokio::{task::JoinSet, time::timeout};

/// Applies to sessions that begin afterwards.
fn set_read_only(database: &postgres::Database, value: &str) {
    database.execute(&format!(
        "BEGIN READ WRITE;
         DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET default_transaction_read_only = {value}', current_database()); END $$;
         COMMIT"
    ));
}

fn is_unavailable<T>(result: &Result<T, RepositoryError>) -> bool {
    matches!(result, Err(RepositoryError::Unavailable(_)))
}

async fn write(database: &Database) -> Result<(), RepositoryError> {
    database
        .write(async |conn| Ok(sql_query("CREATE TABLE IF NOT EXISTS t (n int)").execute(conn).await?))
        .await
        .map(drop)
}

/// The server process of the only connection.
async fn process(database: &Database) -> i32 {
    let id = sql::<Integer>("pg_backend_pid()");
    database.read(async |conn| Ok(select(id).get_result(conn).await?)).await.unwrap()
}

/// Fails with this code, and a text that doesn't contain it.
async fn fail(database: &Database, code: &'static str, writes: bool) -> Result<(), RepositoryError> {
    let raise = format!("DO $$ BEGIN RAISE EXCEPTION 'geht nicht' USING ERRCODE = '{code}'; END $$");
    if writes {
        database.write(async move |conn| Ok(sql_query(raise).execute(conn).await?)).await.map(drop)
    } else {
        database.read(async move |conn| Ok(sql_query(raise).execute(conn).await?)).await.map(drop)
    }
}

#[tokio::test]
async fn sessions_of_a_server_that_only_reads_are_given_up() {
    let Some(cluster) = Cluster::shared() else { return };
    let empty = cluster.create_database();
    set_read_only(&empty, "on");
    let database = Database::open(empty.url(), 4).unwrap();
    for _ in 0..3 {
        assert!(is_unavailable(&write(&database).await));
    }
    let mut reads = JoinSet::new();
    for _ in 0..4 {
        let database = database.clone();
        reads.spawn(async move {
            database.read(async |conn| Ok(sql_query("SELECT pg_sleep(0.2)").execute(conn).await?)).await
        });
    }
    assert!(reads.join_all().await.into_iter().all(|read| read.is_ok()), "four sessions are open");
    set_read_only(&empty, "off");
    // After one error all sessions are closed.
    assert!(is_unavailable(&write(&database).await));
    for _ in 0..8 {
        write(&database).await.unwrap();
    }
}

#[tokio::test]
async fn readiness_asks_whether_the_server_takes_writes() {
    let Some(cluster) = Cluster::shared() else { return };
    let empty = cluster.create_database();
    let database = Database::open(empty.url(), 2).unwrap();
    database.migrate().await.unwrap();
    let health = database.repositories().health;
    health.check().await.unwrap();
    set_read_only(&empty, "on");
    postgres::Database::execute(&empty, super::outage::END_OTHERS);
    while health.check().await.is_ok() {}
    assert!(is_unavailable(&health.check().await));
    assert!(!health.is_out_of_space());
    set_read_only(&empty, "off");
    while health.check().await.is_err() {}
}

#[tokio::test]
async fn errors_are_judged_by_sqlstate() {
    let Some(cluster) = Cluster::shared() else { return };
    let empty = cluster.create_database();
    let database = Database::open(empty.url(), 1).unwrap();
    for (code, is_refused, is_given_up) in [
        ("25006", true, true),
        ("57P01", true, true),
        ("57P02", true, true),
        ("57P03", true, true),
        ("08006", true, true),
        ("08P01", true, true),
        ("53300", true, true),
        ("53100", true, false),
        ("58030", true, false),
        ("53200", true, false),
        ("57014", true, false),
        ("55P03", true, false),
        ("40P01", true, false),
        ("40001", true, false),
        ("XX000", false, false),
        ("P0001", false, false),
    ] {
        for writes in [false, true] {
            let before = process(&database).await;
            let failed = fail(&database, code, writes).await;
            assert_eq!(is_unavailable(&failed), is_refused, "{code}: {failed:?}");
            assert!(is_refused || matches!(failed, Err(RepositoryError::Other(_))), "{code}: {failed:?}");
            assert_eq!(process(&database).await != before, is_given_up, "{code}");
        }
    }
}

#[tokio::test]
async fn server_without_space_is_known_by_the_write_that_failed() {
    let Some(cluster) = Cluster::shared() else { return };
    let empty = cluster.create_database();
    let database = Database::open(empty.url(), 1).unwrap();
    let health = database.uncounted().repositories().health;
    assert!(!health.is_out_of_space());
    assert!(is_unavailable(&fail(&database, "53200", true).await));
    assert!(!health.is_out_of_space());
    assert!(is_unavailable(&fail(&database, "53100", true).await));
    assert!(health.is_out_of_space());
}

#[tokio::test]
async fn server_behind_a_socket_is_judged_alike() {
    // The server runs as another user where the tests run as root.
    let directory = tempfile::tempdir().unwrap();
    fs::set_permissions(directory.path(), std::os::unix::fs::PermissionsExt::from_mode(0o777)).unwrap();
    let path = directory.path().to_str().unwrap();
    let Some(cluster) = postgres::Options::default().setting("unix_socket_directories", path).start() else { return };
    let whole = cluster.url("postgres");
    let port = whole.rsplit_once(':').unwrap().1.split_once('/').unwrap().0;
    let database = Database::open(&format!("postgres://postgres@/postgres?host={path}&port={port}"), 1).unwrap();
    write(&database).await.unwrap();
    let before = process(&database).await;
    assert!(is_unavailable(&fail(&database, "25006", true).await));
    assert_ne!(process(&database).await, before);
    assert!(matches!(fail(&database, "XX000", true).await, Err(RepositoryError::Other(_))));
    let missing = directory.path().join("missing");
    let database = Database::open(&format!("postgres://postgres@/postgres?host={}", missing.display()), 1).unwrap();
    assert!(is_unavailable(&write(&database).await));
}

#[tokio::test]
async fn uncounted_work_leaves_connections_to_counted_work() {
    let Some(cluster) = Cluster::shared() else { return };
    let empty = cluster.create_database();
    let database = Database::open(empty.url(), 4).unwrap();
    let uncounted = database.uncounted();
    let slow = async |conn: &mut _| Ok(sql_query("SELECT pg_sleep(60)").execute(conn).await?);
    let mut flood = JoinSet::new();
    for _ in 0..400 {
        let uncounted = uncounted.clone();
        flood.spawn(async move { uncounted.read(slow).await });
    }
    // Two run, 256 wait, and the others are refused at once.
    for _ in 0..142 {
        assert!(is_unavailable(&flood.join_next().await.unwrap().unwrap()));
    }
    for _ in 0..20 {
        process(&database).await;
        write(&database).await.unwrap();
    }
    flood.shutdown().await;
}

#[tokio::test]
async fn work_that_is_given_up_holds_up_nobody() {
    let Some(cluster) = Cluster::shared() else { return };
    let empty = cluster.create_database();
    let database = Database::open(empty.url(), 1).unwrap();
    let slow = database.read(async |conn| Ok(sql_query("SELECT pg_sleep(8)").execute(conn).await?));
    assert!(timeout(Duration::from_millis(100), slow).await.is_err());
    let begun = Instant::now();
    process(&database).await;
    write(&database).await.unwrap();
    assert!(begun.elapsed() < Duration::from_secs(7), "{:?}", begun.elapsed());
}
