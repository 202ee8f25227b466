//! Checks that a file is an undamaged database of this program.

use super::{BackupError, Progress, ProgressHandler, open, schema};
use crate::{SchemaState, migration, sqlite::dialect};
use rusqlite::Connection;
use std::{path::Path, time::Duration};

/// The contents of a database.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Contents {
    /// The size of the file.
    pub bytes: u64,
    /// The version of the newest applied migration.
    pub schema: String,
    /// The number of rows of each table.
    pub rows: Vec<(String, u64)>,
    /// How the schema differs from what our migrations make. A database with differences can't be restored.
    pub differences: Vec<String>,
}

/// Which schema is accepted.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Schema {
    /// Any schema of this program, also of a newer version.
    Any,
    /// Exactly what some of this program's migrations make.
    Ours,
}

/// Checks the whole database at `path`, which no other process has open, and merges its write-ahead log into the file.
pub(super) fn check(path: &Path, schema: Schema, handler: &mut ProgressHandler) -> Result<Contents, BackupError> {
    handler.report_progress(Progress::Checking)?;
    let failed = BackupError::sqlite(path);
    let damaged = |found| BackupError::Damaged { path: path.to_owned(), found };
    let begun_with = path.metadata().map_err(BackupError::io(path))?.len();
    let connection = open(path, Duration::ZERO)?;
    handler.attach(&connection).map_err(&failed)?;
    connection.pragma_update(None, "journal_mode", "DELETE").map_err(&failed)?;
    let applied = applied(&connection, path)?;
    // Expansions of newer programs aren't tolerated: there is nothing to compare them with.
    let state = migration::compare(&dialect::migrations(), &applied);
    let is_newer = matches!(state, SchemaState::Newer(_));
    if schema == Schema::Ours && is_newer {
        return Err(BackupError::Schema { path: path.to_owned(), state });
    }
    // SQLite reads the missing part of a last page as zeros.
    let size = "SELECT page_count * page_size FROM pragma_page_count, pragma_page_size";
    let size: i64 = connection.query_row(size, [], |row| row.get(0)).map_err(&failed)?;
    if begun_with < size.unsigned_abs() {
        return Err(damaged(format!("it has {begun_with} bytes of {size}")));
    }
    let found: String = connection.query_row("PRAGMA integrity_check(1)", [], |row| row.get(0)).map_err(&failed)?;
    if found != "ok" {
        return Err(damaged(found.replace('\n', " ")));
    }
    let orphans = column(&connection, "SELECT DISTINCT \"table\" FROM pragma_foreign_key_check").map_err(&failed)?;
    if !orphans.is_empty() {
        return Err(damaged(format!("rows of {} refer to rows that aren't there", orphans.join(", "))));
    }
    let differences = if is_newer { Vec::new() } else { differences(&connection, path)? };
    if schema == Schema::Ours && !differences.is_empty() {
        return Err(BackupError::Differs { path: path.to_owned(), differences: differences.join(", ") });
    }
    let rows = rows(&connection).map_err(&failed)?;
    connection.close().map_err(|(_, error)| failed(error))?;
    let bytes = path.metadata().map_err(BackupError::io(path))?.len();
    Ok(Contents { bytes, schema: applied.last().cloned().unwrap_or_default(), rows, differences })
}

fn differences(connection: &Connection, path: &Path) -> Result<Vec<String>, BackupError> {
    let found = schema::differences(connection).map_err(BackupError::sqlite(path))?;
    found.map_err(|source| BackupError::Expected { source })
}

/// The versions of the applied migrations, in order; an error where the database is another program's.
pub(super) fn applied(connection: &Connection, path: &Path) -> Result<Vec<String>, BackupError> {
    let failed = BackupError::sqlite(path);
    let sql = "SELECT version FROM __diesel_schema_migrations ORDER BY version";
    let applied = if has_table(connection, "__diesel_schema_migrations").map_err(&failed)? {
        column(connection, sql).map_err(&failed)?
    } else {
        Vec::new()
    };
    let first = dialect::migrations().first().map(|migration| migration.name().version().to_string());
    if first.is_some_and(|first| applied.contains(&first)) {
        Ok(applied)
    } else {
        Err(BackupError::Foreign(path.to_owned()))
    }
}

fn has_table(connection: &Connection, name: &str) -> rusqlite::Result<bool> {
    connection.table_exists(None, name)
}

fn column(connection: &Connection, sql: &str) -> rusqlite::Result<Vec<String>> {
    connection.prepare(sql)?.query_map([], |row| row.get(0))?.collect()
}

/// The number of rows of each table, without those of the index of words.
fn rows(connection: &Connection) -> rusqlite::Result<Vec<(String, u64)>> {
    let tables = column(
        connection,
        "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT GLOB 'sqlite_*' \
         AND name NOT IN ('__diesel_schema_migrations', 'schema_expansions') AND name NOT GLOB 'task_words*' \
         ORDER BY rowid",
    )?;
    let count = |table: String| {
        let sql = format!("SELECT count(*) FROM \"{}\"", table.replace('"', "\"\""));
        let rows: i64 = connection.query_row(&sql, [], |row| row.get(0))?;
        Ok((table, rows.unsigned_abs()))
    };
    tables.into_iter().map(count).collect()
}
