//! Whether a file is a database of this program, and a whole one.

use super::{BackupError, Progress, Watch, open, schema};
use crate::{SchemaState, migration, sqlite::dialect};
use rusqlite::Connection;
use std::{path::Path, time::Duration};

/// What a database has in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Contents {
    /// Its size.
    pub bytes: u64,
    /// The newest migration that was applied.
    pub schema: String,
    /// The rows of each table.
    pub rows: Vec<(String, u64)>,
    /// What is in the schema that our migrations don't make, or is otherwise. A database is restored where that is
    /// nothing.
    pub differences: Vec<String>,
}

/// What a schema is to be.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Schema {
    /// One of this program, of whatever version.
    Any,
    /// Exactly what migrations of this program make.
    Ours,
}

/// Reads all of the database at `path`, which nobody else has open, and makes it one file without a log.
pub(super) fn check(path: &Path, schema: Schema, watch: &mut Watch) -> Result<Contents, BackupError> {
    watch.tell(Progress::Checking)?;
    let failed = BackupError::sqlite(path);
    let damaged = |found| BackupError::Damaged { path: path.to_owned(), found };
    let begun_with = path.metadata().map_err(BackupError::io(path))?.len();
    let connection = open(path, Duration::ZERO)?;
    watch.interrupts(&connection).map_err(&failed)?;
    connection.pragma_update(None, "journal_mode", "DELETE").map_err(&failed)?;
    let applied = applied(&connection, path)?;
    // Also what newer programs have only added: it can't be compared with anything.
    let state = migration::compare(&dialect::migrations(), &applied);
    let is_newer = matches!(state, SchemaState::Newer(_));
    if schema == Schema::Ours && is_newer {
        return Err(BackupError::Schema { path: path.to_owned(), state });
    }
    // SQLite takes what is missing of a last page for zeros.
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

/// The versions of what was applied, in order; an error where the database is another program's.
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

fn rows(connection: &Connection) -> rusqlite::Result<Vec<(String, u64)>> {
    let tables = column(
        connection,
        "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT GLOB 'sqlite_*' \
         AND name NOT IN ('__diesel_schema_migrations', 'schema_expansions') ORDER BY rowid",
    )?;
    let count = |table: String| {
        let sql = format!("SELECT count(*) FROM \"{}\"", table.replace('"', "\"\""));
        let rows: i64 = connection.query_row(&sql, [], |row| row.get(0))?;
        Ok((table, rows.unsigned_abs()))
    };
    tables.into_iter().map(count).collect()
}
