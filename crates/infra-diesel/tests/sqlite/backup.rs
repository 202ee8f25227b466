//! Backups of a database file, and what is restored.

use crate::schema;
use diesel_async::SimpleAsyncConnection;
use fasttrack_infra_diesel::sqlite::{
    Database, SqliteLocation,
    backup::{BackupError, Contents, ProgressHandler, backup, restore},
};
use rusqlite::Connection;
use std::{
    ffi::OsStr,
    fs,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    sync::{
        Arc, Mutex, OnceLock,
        atomic::{AtomicBool, Ordering},
    },
    thread,
};
use tempfile::{TempDir, tempdir};
use tokio::runtime::Builder;

fn silent() -> ProgressHandler {
    ProgressHandler { report: Box::new(drop), stop: Arc::default() }
}

fn path(directory: &TempDir, name: &str) -> PathBuf {
    directory.path().join(name)
}

/// A migrated database, closed again.
fn database(path: &Path) {
    let database = Database::open(&SqliteLocation::File(path.to_owned())).unwrap();
    Builder::new_current_thread().build().unwrap().block_on(database.migrate()).unwrap();
    drop(database);
    Connection::open(path).unwrap().execute_batch(FILL).unwrap();
}

/// 20,000 users.
const FILL: &str = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 20000)
     INSERT INTO users (email, display_name, role, is_active, token_epoch, created_at, updated_at, version)
     SELECT i || '@example.org', 'User', 'user', TRUE, 0, 0, 0, 1 FROM n";

fn users(path: &Path) -> i64 {
    Connection::open(path).unwrap().query_row("SELECT count(*) FROM users", [], |row| row.get(0)).unwrap()
}

fn names(directory: &TempDir) -> Vec<String> {
    let mut names: Vec<_> =
        fs::read_dir(directory.path()).unwrap().map(|it| it.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

#[test]
fn stopped_backup_leaves_no_files() {
    let directory = tempdir().unwrap();
    let (from, out) = (path(&directory, "a.db"), path(&directory, "b.db"));
    database(&from);
    for stop_at in 0..3 {
        let stop = Arc::<AtomicBool>::default();
        let (mut reports, flag) = (0, Arc::clone(&stop));
        let report = Box::new(move |_| {
            flag.store(reports == stop_at, Ordering::Relaxed);
            reports += 1;
        });
        let outcome = backup(&from, &out, ProgressHandler { report, stop });
        // There are two reports at least: the last page, and the check.
        assert!(matches!(outcome, Err(BackupError::Interrupted)) == (stop_at < 2), "{outcome:?}");
        if stop_at < 2 {
            assert_eq!(names(&directory), ["a.db"]);
        }
    }
    assert_eq!(names(&directory), ["a.db", "b.db"]);
}

#[test]
fn a_damaged_page_is_found_wherever_it_is() {
    let directory = tempdir().unwrap();
    let (from, to) = (path(&directory, "a.db"), path(&directory, "b.db"));
    database(&from);
    let whole = fs::read(&from).unwrap();
    let pages = whole.len() / 4096;
    assert!(pages > 100);
    for page in [1, pages / 3, pages / 2, pages - 1] {
        let mut broken = whole.clone();
        broken[page * 4096..][..4096].fill(0xA5);
        fs::write(&from, broken).unwrap();
        let outcome = restore(&from, &to, silent());
        assert!(matches!(outcome, Err(BackupError::Damaged { .. })), "page {page}: {outcome:?}");
        assert_eq!(names(&directory), ["a.db"], "page {page}");
    }
}

#[test]
fn rows_that_refer_to_nothing_are_damage() {
    let directory = tempdir().unwrap();
    let (from, to) = (path(&directory, "a.db"), path(&directory, "b.db"));
    database(&from);
    let orphan = "PRAGMA foreign_keys = OFF; INSERT INTO inboxes VALUES (999999, 999999)";
    Connection::open(&from).unwrap().execute_batch(orphan).unwrap();
    let outcome = restore(&from, &to, silent());
    assert!(matches!(&outcome, Err(BackupError::Damaged { found, .. }) if found.contains("inboxes")), "{outcome:?}");
}

#[test]
fn server_started_during_a_restore_serves_the_restored_data() {
    let directory = tempdir().unwrap();
    let (from, to) = (path(&directory, "a.db"), path(&directory, "b.db"));
    database(&from);
    database(&to);
    Connection::open(&to).unwrap().execute_batch("DELETE FROM users").unwrap();
    let server = Arc::new(OnceLock::new());
    let (location, started) = (SqliteLocation::File(to.clone()), Arc::clone(&server));
    let report = Box::new(move |_| {
        let location = location.clone();
        started.get_or_init(|| Mutex::new(Some(thread::spawn(move || Database::open(&location).map(drop)))));
    });
    restore(&from, &to, ProgressHandler { report, stop: Arc::default() }).unwrap();
    let server = server.get().unwrap().lock().unwrap().take().unwrap();
    server.join().unwrap().unwrap();
    assert_eq!(names(&directory), ["a.db", "b.db", "b.db.before-restore"]);
    assert_eq!((users(&to), users(&path(&directory, "b.db.before-restore"))), (20_000, 0));
}

#[test]
fn a_log_without_its_database_is_set_aside_too() {
    let directory = tempdir().unwrap();
    let (from, to) = (path(&directory, "a.db"), path(&directory, "b.db"));
    database(&from);
    fs::write(path(&directory, "b.db-wal"), "of another").unwrap();
    assert_eq!(restore(&from, &to, silent()).unwrap().former, None);
    assert_eq!(names(&directory), ["a.db", "b.db", "b.db.before-restore-wal"]);
    fs::remove_file(path(&directory, "b.db.before-restore-wal")).unwrap();

    fs::write(path(&directory, "b.db"), "garbage".repeat(1000)).unwrap();
    fs::write(path(&directory, "b.db-wal"), "of another").unwrap();
    let restored = restore(&from, &to, silent()).unwrap();
    assert_eq!(restored.former, Some(path(&directory, "b.db.before-restore")));
    assert_eq!(names(&directory), ["a.db", "b.db", "b.db.before-restore", "b.db.before-restore-wal"]);
    assert_eq!(users(&to), users(&from));
    // Nothing that was set aside is overwritten by the next one.
    let restored = restore(&from, &to, silent()).unwrap();
    assert_eq!(restored.former, Some(path(&directory, "b.db.before-restore-2")));
}

#[test]
fn only_a_schema_that_is_exactly_ours_is_restored() {
    let directory = tempdir().unwrap();
    let (from, to) = (path(&directory, "a.db"), path(&directory, "b.db"));
    database(&from);
    let whole = fs::read(&from).unwrap();
    for (sql, named) in [
        (
            "CREATE TRIGGER t AFTER INSERT ON users BEGIN UPDATE users SET role = 'admin'; END",
            "trigger \"t\" isn't ours",
        ),
        ("CREATE VIEW v AS SELECT * FROM users", "view \"v\" isn't ours"),
        ("CREATE TABLE extra (id INTEGER)", "table \"extra\" isn't ours"),
        ("CREATE INDEX i ON users (display_name)", "index \"i\" isn't ours"),
        ("DROP TABLE inboxes", "table \"inboxes\" is missing"),
        ("ALTER TABLE comments ADD COLUMN more TEXT", "table \"comments\" is another than ours"),
        (
            "PRAGMA writable_schema = ON; UPDATE sqlite_schema SET sql = replace(sql, 'NOT NULL', '') WHERE name = 'users'",
            "table \"users\" is another than ours",
        ),
    ] {
        fs::write(&from, &whole).unwrap();
        let connection = Connection::open(&from).unwrap();
        connection.execute_batch(sql).unwrap();
        connection.close().unwrap();
        let refused = restore(&from, &to, silent()).unwrap_err();
        assert!(refused.to_string().contains(named) && !to.exists(), "{sql}: {refused}");
        // A backup of such a database is made, and says that it can't be restored.
        let contents = backup(&from, &to, silent()).unwrap();
        assert!(contents.differences.iter().any(|difference| difference == named), "{contents:?}");
        fs::remove_file(&to).unwrap();
    }
    fs::write(&from, &whole).unwrap();
    assert_eq!(restore(&from, &to, silent()).unwrap().contents.differences, [""; 0]);
}

/// The statements of a migration, and the record that it is applied.
fn migration(name: &OsStr) -> String {
    let up = fs::read_to_string(schema::migrations("sqlite").join(name).join("up.sql")).unwrap();
    let (date_and_number, _) = name.to_str().unwrap().split_once('_').unwrap();
    let version = date_and_number.replace('-', "");
    format!("{up} INSERT INTO __diesel_schema_migrations (version) VALUES ('{version}');")
}

#[tokio::test]
async fn an_earlier_schema_of_ours_is_restored() {
    let directory = tempdir().unwrap();
    let (from, to) = (path(&directory, "a.db"), path(&directory, "b.db"));
    let migrations: Vec<_> = schema::names("sqlite").iter().map(|name| migration(name)).collect();
    for applied in 3..=migrations.len() {
        for file in [&from, &to] {
            fs::remove_file(file).ok();
        }
        let (database, sql) =
            (Database::open(&SqliteLocation::File(from.clone())).unwrap(), migrations[..applied].concat());
        database.write(async move |conn| Ok(conn.batch_execute(&sql).await?)).await.unwrap();
        drop(database);
        restore(&from, &to, silent()).unwrap();
    }
}

#[test]
fn the_index_of_words_is_kept_and_its_rows_are_not_counted() {
    let directory = tempdir().unwrap();
    let (from, to) = (path(&directory, "a.db"), path(&directory, "b.db"));
    database(&from);
    let words = "INSERT INTO task_words (rowid, words) VALUES (7, 'fence paint')";
    Connection::open(&from).unwrap().execute_batch(words).unwrap();
    let Contents { rows, differences, .. } = restore(&from, &to, silent()).unwrap().contents;
    assert_eq!(differences, [""; 0]);
    let counted = |table: &str| rows.iter().any(|(name, _)| name == table);
    assert!(counted("tasks") && !counted("task_words") && !counted("task_words_data"), "{rows:?}");
    let found = "SELECT rowid FROM task_words WHERE task_words MATCH '\"pain\"*'";
    assert_eq!(Connection::open(&to).unwrap().query_row(found, [], |row| row.get(0)), Ok(7));
}

#[test]
fn what_is_written_is_for_its_owner_only() {
    let directory = tempdir().unwrap();
    let (from, out, to) = (path(&directory, "a.db"), path(&directory, "b.db"), path(&directory, "c.db"));
    database(&from);
    database(&to);
    for file in [&from, &to] {
        fs::set_permissions(file, fs::Permissions::from_mode(0o666)).unwrap();
    }
    backup(&from, &out, silent()).unwrap();
    let former = restore(&out, &to, silent()).unwrap().former.unwrap();
    for file in [&out, &to, &former] {
        assert_eq!(fs::metadata(file).unwrap().permissions().mode() & 0o777, 0o600, "{}", file.display());
    }
}
