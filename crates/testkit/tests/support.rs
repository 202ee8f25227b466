//! The PostgreSQL that tests run on, and the clock that they set.

use chrono::TimeDelta;
use fasttrack_domain::ports::clock::Clock;
use fasttrack_testkit::{
    builders::MOMENT,
    clock::FixedClock,
    postgres::{Cluster, Options},
};
use tokio_postgres::{NoTls, connect};

async fn ask(url: &str, sql: &str) -> Result<i32, tokio_postgres::Error> {
    let (client, connection) = connect(url, NoTls).await?;
    let connection = tokio::spawn(connection);
    let row = client.query_one(sql, &[]).await;
    connection.abort();
    row.map(|row| row.get(0))
}

#[tokio::test]
async fn each_database_is_its_own_and_may_be_a_copy() {
    let Some(cluster) = Cluster::shared() else { return };
    let one = cluster.create_database();
    let (client, connection) = connect(one.url(), NoTls).await.unwrap();
    let connection = tokio::spawn(connection);
    client.batch_execute("CREATE TABLE numbers AS SELECT 7 AS n").await.unwrap();
    drop(client);
    connection.await.unwrap().unwrap();

    let (copy, other) = (cluster.copy_database(&one), cluster.create_database());
    assert_eq!(ask(copy.url(), "SELECT n FROM numbers").await.unwrap(), 7);
    assert!(ask(other.url(), "SELECT n FROM numbers").await.is_err());
    let gone = copy.url().to_owned();
    drop(copy);
    assert!(ask(&gone, "SELECT 1").await.is_err());
}

#[tokio::test]
async fn a_server_of_its_own_can_go_and_come_back() {
    let Some(cluster) = Options::default().durable().setting("application_name", "kept").start() else { return };
    let database = cluster.create_database();
    assert_eq!(ask(database.url(), "SELECT 1").await.unwrap(), 1);
    cluster.stop();
    assert!(ask(database.url(), "SELECT 1").await.is_err());
    cluster.start_again();
    let kept = "SELECT (current_setting('application_name') = 'kept')::int";
    assert_eq!(ask(database.url(), kept).await.unwrap(), 1);
}

#[test]
fn clock_moves_only_when_set_and_by_whole_microseconds() {
    let clock = FixedClock::new(MOMENT + TimeDelta::nanoseconds(999));
    assert_eq!(clock.now(), MOMENT);
    clock.advance(TimeDelta::minutes(15));
    assert_eq!(clock.now(), MOMENT + TimeDelta::minutes(15));
    clock.set(MOMENT);
    assert_eq!(clock.now(), MOMENT);
}
