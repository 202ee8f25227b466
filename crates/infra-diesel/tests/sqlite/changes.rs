//! The rows of the change feed.

use crate::change_rows::{
    assert_an_erased_user_gets_no_rows, assert_each_thing_has_its_latest_number, assert_old_rows_are_pruned,
    assert_outside_assignees_look_again,
};
use fasttrack_infra_diesel::sqlite::{Database, SqliteLocation};

async fn migrated() -> Database {
    let database = Database::open(&SqliteLocation::Memory).unwrap();
    database.migrate().await.unwrap();
    database
}

#[tokio::test]
async fn each_thing_has_its_latest_number() {
    let database = migrated().await;
    assert_each_thing_has_its_latest_number(&database.repositories(), &database).await;
}

#[tokio::test]
async fn outside_assignees_look_again() {
    let database = migrated().await;
    assert_outside_assignees_look_again(&database.repositories(), &database).await;
}

#[tokio::test]
async fn an_erased_user_gets_no_rows() {
    let database = migrated().await;
    assert_an_erased_user_gets_no_rows(&database.repositories(), &database).await;
}

#[tokio::test]
async fn old_rows_are_pruned() {
    let database = migrated().await;
    assert_old_rows_are_pruned(&database.repositories(), &database).await;
}
