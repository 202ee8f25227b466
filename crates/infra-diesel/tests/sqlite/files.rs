//! The files of a database: their permissions, their mapping, and the length of the write-ahead log.

use crate::notes::{file_in, note, notes};
use diesel::{
    Connection, QueryableByName, SqliteConnection, connection::SimpleConnection, sql_query, sql_types::BigInt,
};
use diesel_async::{RunQueryDsl, SimpleAsyncConnection};
use fasttrack_infra_diesel::sqlite::Database;
use std::{
    fs::{self, Permissions},
    os::unix::fs::PermissionsExt,
    path::Path,
    time::{Duration, Instant},
};
use tempfile::tempdir;

const DEADLINE: Duration = Duration::from_mins(1);
const MIB: u64 = 1024 * 1024;

fn log_size(directory: &Path) -> u64 {
    directory.join("fasttrack.db-wal").metadata().unwrap().len()
}

/// Commits a row of this many MiB.
async fn write(database: &Database, mib: u64) {
    let sql = format!("INSERT INTO papers (content) VALUES (zeroblob({}))", mib * MIB);
    database.write(async move |conn| Ok(conn.batch_execute(&sql).await?)).await.unwrap();
}

/// Makes a log of more than 24 MiB. Returns a connection with an open read transaction.
async fn grown(database: &Database, directory: &Path) -> SqliteConnection {
    let table = "CREATE TABLE papers (id INTEGER PRIMARY KEY, content BLOB) STRICT";
    database.write(async |conn| Ok(conn.batch_execute(table).await?)).await.unwrap();
    let path = directory.join("fasttrack.db");
    let mut reader = SqliteConnection::establish(path.to_str().unwrap()).unwrap();
    reader.batch_execute("BEGIN; SELECT count(*) FROM papers").unwrap();
    for _ in 0..6 {
        write(database, 4).await;
    }
    assert!(log_size(directory) > 24 * MIB);
    reader
}

async fn until_short(directory: &Path, meanwhile: impl AsyncFn()) {
    let begun = Instant::now();
    while log_size(directory) > 8 * MIB {
        assert!(begun.elapsed() < DEADLINE, "the log still has {} bytes", log_size(directory));
        meanwhile().await;
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

#[tokio::test]
async fn log_shrinks_once_nobody_reads_and_nobody_writes() {
    let (database, directory) = notes().await;
    let mut reader = grown(&database, directory.path()).await;
    reader.batch_execute("COMMIT").unwrap();
    until_short(directory.path(), async || ()).await;
}

#[tokio::test]
async fn log_shrinks_while_writes_go_on() {
    let (database, directory) = notes().await;
    let mut reader = grown(&database, directory.path()).await;
    reader.batch_execute("COMMIT").unwrap();
    until_short(directory.path(), async || write(&database, 0).await).await;
}

#[tokio::test]
async fn long_log_of_a_killed_process_shrinks() {
    let (database, directory) = notes().await;
    let reader = grown(&database, directory.path()).await;
    let copy = tempdir().unwrap();
    for name in ["fasttrack.db", "fasttrack.db-wal"] {
        fs::copy(directory.path().join(name), copy.path().join(name)).unwrap();
    }
    drop((reader, database));
    let _database = Database::open(&file_in(&copy)).unwrap();
    until_short(copy.path(), async || ()).await;
}

#[tokio::test]
async fn files_of_a_database_are_for_their_owner_only() {
    let (database, directory) = notes().await;
    note(&database, 1).await.unwrap();
    let modes = || {
        ["fasttrack.db", "fasttrack.db-wal", "fasttrack.db-shm"]
            .map(|name| fs::metadata(directory.path().join(name)).unwrap().permissions().mode() & 0o777)
    };
    assert_eq!(modes(), [0o600; 3]);
    // As older programs left them.
    for name in ["fasttrack.db", "fasttrack.db-wal", "fasttrack.db-shm"] {
        fs::set_permissions(directory.path().join(name), Permissions::from_mode(0o644)).unwrap();
    }
    let _again = Database::open(&file_in(&directory)).unwrap();
    assert_eq!(modes(), [0o600; 3]);
}

#[derive(QueryableByName)]
struct Mapped {
    #[diesel(sql_type = BigInt)]
    mmap_size: i64,
}

#[tokio::test]
async fn a_file_is_mapped_as_a_whole() {
    let (database, _directory) = notes().await;
    let mapped = database.read(async |conn| Ok(sql_query("PRAGMA mmap_size").get_result::<Mapped>(conn).await?));
    assert_eq!(mapped.await.unwrap().mmap_size, 1 << 40);
}
