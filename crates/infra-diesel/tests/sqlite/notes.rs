//! A database of the test's own, with a table to write to.

use diesel::{QueryableByName, sql_query, sql_types::BigInt};
use diesel_async::{RunQueryDsl, SimpleAsyncConnection};
use fasttrack_domain::ports::RepositoryError;
use fasttrack_infra_diesel::{
    Error,
    sqlite::{Connection, Database, SqliteLocation},
};
use tempfile::TempDir;

pub fn file_in(directory: &TempDir) -> SqliteLocation {
    SqliteLocation::File(directory.path().join("fasttrack.db"))
}

/// An open database with an empty table `notes`.
pub async fn notes() -> (Database, TempDir) {
    let directory = tempfile::tempdir().unwrap();
    let database = Database::open(&file_in(&directory)).unwrap();
    database
        .write(async |conn| {
            let parent = "CREATE TABLE books (id INTEGER PRIMARY KEY) STRICT;";
            let child = "CREATE TABLE notes (id INTEGER PRIMARY KEY, book_id INTEGER REFERENCES books (id)) STRICT;";
            Ok(conn.batch_execute(&format!("{parent} {child}")).await?)
        })
        .await
        .unwrap();
    (database, directory)
}

/// Writes a note within a unit of work.
pub async fn write_note(conn: &mut Connection, id: i64) -> Result<(), Error> {
    Ok(conn.batch_execute(&format!("INSERT INTO notes (id) VALUES ({id})")).await?)
}

/// Writes a note as a unit of work.
pub async fn note(database: &Database, id: i64) -> Result<(), RepositoryError> {
    database.write(async move |conn| write_note(conn, id).await).await
}

#[derive(QueryableByName)]
struct Id {
    #[diesel(sql_type = BigInt)]
    id: i64,
}

/// The notes that another connection sees.
pub async fn seen(database: &Database) -> Vec<i64> {
    let rows = database.read(async |conn| Ok(sql_query("SELECT id FROM notes ORDER BY id").load::<Id>(conn).await?));
    rows.await.unwrap().into_iter().map(|row| row.id).collect()
}
