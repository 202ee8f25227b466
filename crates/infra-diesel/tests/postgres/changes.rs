//! The rows of the change feed.

use crate::change_rows::{
    assert_an_erased_user_gets_no_rows, assert_each_thing_has_its_latest_number, assert_old_rows_are_pruned,
    assert_outside_assignees_look_again,
};
use fasttrack_infra_diesel::postgres::Database;
use fasttrack_testkit::postgres::Cluster;

#[tokio::test]
async fn each_thing_has_its_latest_number() {
    let Some(cluster) = Cluster::shared() else { return };
    let empty = cluster.create_database();
    let database = Database::open(empty.url(), 2).unwrap();
    database.migrate().await.unwrap();
    assert_each_thing_has_its_latest_number(&database.repositories(), &database).await;
}

#[tokio::test]
async fn outside_assignees_look_again() {
    let Some(cluster) = Cluster::shared() else { return };
    let empty = cluster.create_database();
    let database = Database::open(empty.url(), 2).unwrap();
    database.migrate().await.unwrap();
    assert_outside_assignees_look_again(&database.repositories(), &database).await;
}

#[tokio::test]
async fn an_erased_user_gets_no_rows() {
    let Some(cluster) = Cluster::shared() else { return };
    let empty = cluster.create_database();
    let database = Database::open(empty.url(), 2).unwrap();
    database.migrate().await.unwrap();
    assert_an_erased_user_gets_no_rows(&database.repositories(), &database).await;
}

#[tokio::test]
async fn old_rows_are_pruned() {
    let Some(cluster) = Cluster::shared() else { return };
    let empty = cluster.create_database();
    let database = Database::open(empty.url(), 2).unwrap();
    database.migrate().await.unwrap();
    assert_old_rows_are_pruned(&database.repositories(), &database).await;
}
