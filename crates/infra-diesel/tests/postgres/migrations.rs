//! Any number of nodes may start at once on an empty database.

use fasttrack_infra_diesel::{SchemaState, postgres::Database};
use fasttrack_testkit::postgres::Cluster;
use tokio::task::JoinSet;

#[tokio::test]
async fn simultaneous_migrations_are_applied_once() {
    let Some(cluster) = Cluster::shared() else { return };
    let empty = cluster.create_database();
    let mut nodes = JoinSet::new();
    for _ in 0..8 {
        let database = Database::open(empty.url(), 2).unwrap();
        nodes.spawn(async move {
            assert_ne!(database.schema_state().await.unwrap(), SchemaState::Newer(String::new()));
            database.migrate().await.unwrap()
        });
    }
    let applied = nodes.join_all().await;
    assert_eq!(applied.iter().filter(|names| !names.is_empty()).count(), 1);

    let database = Database::open(empty.url(), 1).unwrap();
    assert_eq!(database.schema_state().await.unwrap(), SchemaState::UpToDate);
    database.repositories().health.check().await.unwrap();
}

#[tokio::test]
async fn an_empty_database_is_behind_and_stays_empty() {
    let Some(cluster) = Cluster::shared() else { return };
    let empty = cluster.create_database();
    let database = Database::open(empty.url(), 1).unwrap();
    for _ in 0..2 {
        assert!(matches!(database.schema_state().await.unwrap(), SchemaState::Behind(names) if !names.is_empty()));
    }
}
