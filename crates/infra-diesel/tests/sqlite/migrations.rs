//! Opening, migrating, and refusing what this program can't serve.

use crate::notes::file_in;
use diesel_async::SimpleAsyncConnection;
use fasttrack_domain::ports::RepositoryError;
use fasttrack_infra_diesel::{
    Error, SchemaState,
    sqlite::{Database, OpenError, SqliteLocation},
};
use std::{fs, path::PathBuf};

async fn execute(database: &Database, sql: &'static str) {
    database.write(async move |conn| Ok(conn.batch_execute(sql).await?)).await.unwrap();
}

#[tokio::test]
async fn a_new_database_is_behind_until_it_is_migrated() {
    let directory = tempfile::tempdir().unwrap();
    let database = Database::open(&file_in(&directory)).unwrap();
    let health = database.repositories().health;
    let SchemaState::Behind(pending) = database.schema_state().await.unwrap() else { panic!("not behind") };
    assert!(matches!(health.check().await, Err(RepositoryError::Unavailable(_))));

    assert_eq!(database.migrate().await.unwrap(), pending);
    assert_eq!(database.schema_state().await.unwrap(), SchemaState::UpToDate);
    health.check().await.unwrap();
    assert_eq!(database.migrate().await.unwrap(), Vec::<String>::new());
}

#[tokio::test]
async fn a_newer_database_is_refused() {
    let directory = tempfile::tempdir().unwrap();
    let database = Database::open(&file_in(&directory)).unwrap();
    database.migrate().await.unwrap();
    execute(&database, "INSERT INTO __diesel_schema_migrations (version) VALUES ('99990101000000')").await;

    let newer = SchemaState::Newer("99990101000000".to_owned());
    assert_eq!(database.schema_state().await.unwrap(), newer);
    assert!(matches!(database.migrate().await, Err(Error::Schema(state)) if state == newer));
    assert!(database.repositories().health.check().await.is_err());
    let again = Database::open(&file_in(&directory)).map(drop);
    assert!(matches!(again, Err(OpenError::Newer { version, .. }) if version == "99990101000000"));
}

#[tokio::test]
async fn a_database_that_a_newer_program_only_added_to_is_served() {
    let directory = tempfile::tempdir().unwrap();
    let database = Database::open(&file_in(&directory)).unwrap();
    database.migrate().await.unwrap();
    execute(
        &database,
        "INSERT INTO __diesel_schema_migrations (version) VALUES ('99990101000000'), ('99990102000000');
         INSERT INTO schema_expansions VALUES ('99990101000000'), ('99990102000000')",
    )
    .await;
    assert_eq!(database.schema_state().await.unwrap(), SchemaState::UpToDate);
    database.repositories().health.check().await.unwrap();
    assert_eq!(database.migrate().await.unwrap(), Vec::<String>::new());
    Database::open(&file_in(&directory)).unwrap();

    execute(&database, "DELETE FROM schema_expansions WHERE version = '99990102000000'").await;
    let newer = SchemaState::Newer("99990102000000".to_owned());
    assert_eq!(database.schema_state().await.unwrap(), newer);
    execute(&database, "DELETE FROM __diesel_schema_migrations WHERE version LIKE '20261121000003'").await;
    assert_eq!(database.schema_state().await.unwrap(), newer, "what is missing doesn't hide what is too much");
}

#[tokio::test]
async fn a_migration_that_fails_leaves_nothing_behind() {
    let database = Database::open(&SqliteLocation::Memory).unwrap();
    execute(&database, "CREATE TABLE events (id INTEGER)").await;
    assert!(matches!(database.migrate().await, Err(Error::Migration(_))));
    assert!(matches!(database.schema_state().await.unwrap(), SchemaState::Behind(_)));
    execute(&database, "DROP TABLE events").await;
    assert!(!database.migrate().await.unwrap().is_empty());
}

#[test]
fn simultaneous_opens_migrate_a_new_file_once() {
    let directory = tempfile::tempdir().unwrap();
    let location = file_in(&directory);
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let applied: Vec<_> = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..8)
            .map(|_| scope.spawn(|| runtime.handle().block_on(Database::open(&location).unwrap().migrate()).unwrap()))
            .collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    assert_eq!(applied.iter().filter(|names| !names.is_empty()).count(), 1, "each migration is applied once");
}

#[test]
fn error_of_opening_a_database_has_its_reason() {
    let directory = tempfile::tempdir().unwrap();
    let open = |path: PathBuf| Database::open(&SqliteLocation::File(path)).map(drop).unwrap_err();

    let missing = open(directory.path().join("missing").join("fasttrack.db"));
    assert!(matches!(&missing, OpenError::NoDirectory { .. }), "{missing:?}");
    assert!(missing.to_string().ends_with("missing does not exist"), "{missing}");

    let other = directory.path().join("notes.txt");
    fs::write(&other, "This is no database, but long enough to have a header of one hundred bytes. ".repeat(20))
        .unwrap();
    assert!(matches!(open(other), OpenError::NotADatabase(_)));

    assert!(matches!(open(directory.path().to_owned()), OpenError::IsDirectory(_)));
    assert!(matches!(open(PathBuf::from("a\0b")), OpenError::Name(_)));
}

#[tokio::test]
async fn two_databases_in_memory_are_two() {
    let (one, other) =
        (Database::open(&SqliteLocation::Memory).unwrap(), Database::open(&SqliteLocation::Memory).unwrap());
    one.migrate().await.unwrap();
    assert!(matches!(other.schema_state().await.unwrap(), SchemaState::Behind(_)));
}
