//! The tables that are declared to Diesel are those that the migrations make.

use crate::declared;
use diesel::{
    QueryableByName, sql_query,
    sql_types::{Bool, Text},
};
use diesel_async::{RunQueryDsl, SimpleAsyncConnection};
use fasttrack_infra_diesel::sqlite::{Database, SqliteLocation};
use std::{
    collections::BTreeSet,
    ffi::OsString,
    fs,
    path::{Path, PathBuf},
};

#[derive(QueryableByName)]
struct Column {
    #[diesel(sql_type = Text)]
    name: String,
    #[diesel(sql_type = Text)]
    kind: String,
    #[diesel(sql_type = Bool)]
    nullable: bool,
}

async fn columns(database: &Database, table: String) -> Vec<(String, String)> {
    let pragma = "SELECT name, type AS kind, NOT (\"notnull\" OR pk) AS nullable FROM pragma_table_info(?)";
    let columns: Vec<Column> =
        database.read(async move |conn| Ok(sql_query(pragma).bind::<Text, _>(table).load(conn).await?)).await.unwrap();
    let kind = |column: &Column| {
        let is_flag = ["is_", "has_", "due_is_"].iter().any(|prefix| column.name.starts_with(prefix));
        let kind = match (column.kind.as_str(), is_flag) {
            ("INTEGER", true) => "Bool",
            ("INTEGER", false) => "BigInt",
            ("TEXT", _) => "Text",
            ("BLOB", _) => "Binary",
            (other, _) => panic!("no column should be {other}"),
        };
        if column.nullable { format!("Nullable<{kind}>") } else { kind.to_owned() }
    };
    columns.iter().map(|column| (column.name.clone(), kind(column))).collect()
}

#[tokio::test]
async fn what_is_declared_is_what_the_migrations_make() {
    let database = Database::open(&SqliteLocation::Memory).unwrap();
    database.migrate().await.unwrap();
    for (table, declared) in declared::tables() {
        // SQLite stores moments as integers.
        let declared: Vec<_> =
            declared.into_iter().map(|(name, kind)| (name, kind.replace("Moment", "BigInt"))).collect();
        assert_eq!(columns(&database, table.clone()).await, declared, "{table}");
    }
}

/// The rows of the manual's table of growth and retention: the name of a database table, and the other cells.
fn growth() -> Vec<(String, Vec<String>)> {
    let manual = include_str!("../../../../docs/operations/tables.md");
    let rows = manual.lines().filter_map(|line| line.strip_prefix("| `")?.strip_suffix(" |"));
    rows.map(|row| {
        let (table, rest) = row.split_once("` | ").unwrap();
        (table.to_owned(), rest.split(" | ").map(str::to_owned).collect())
    })
    .collect()
}

#[tokio::test]
async fn the_manual_says_of_each_table_how_it_grows_and_ends() {
    let database = Database::open(&SqliteLocation::Memory).unwrap();
    database.migrate().await.unwrap();
    // Those of the virtual table `task_words` are its own.
    let tables = "SELECT name FROM sqlite_schema
        WHERE type = 'table' AND name NOT GLOB 'sqlite_*' AND name NOT GLOB 'task_words_*'";
    let tables: Vec<Name> = database.read(async move |conn| Ok(sql_query(tables).load(conn).await?)).await.unwrap();
    let tables: BTreeSet<_> = tables.into_iter().map(|row| row.name).collect();
    let growth = growth();
    for (table, cells) in &growth {
        assert!(cells.len() == 2 && cells.iter().all(|cell| !cell.trim().is_empty()), "{table}: {cells:?}");
    }
    assert_eq!(growth.into_iter().map(|(table, _)| table).collect::<BTreeSet<_>>(), tables);
}

/// The folder of a database's migrations.
pub fn migrations(dialect: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../migrations").join(dialect)
}

/// The names of the migrations, in the order in which they are applied.
pub fn names(dialect: &str) -> BTreeSet<OsString> {
    fs::read_dir(migrations(dialect)).unwrap().map(|entry| entry.unwrap().file_name()).collect()
}

#[derive(QueryableByName)]
struct Name {
    #[diesel(sql_type = Text)]
    name: String,
}

#[tokio::test]
async fn down_migrations_leave_nothing() {
    let database = Database::open(&SqliteLocation::Memory).unwrap();
    database.migrate().await.unwrap();
    for name in names("sqlite").iter().rev() {
        let down = fs::read_to_string(migrations("sqlite").join(name).join("down.sql")).unwrap();
        database.write(async move |conn| Ok(conn.batch_execute(&down).await?)).await.unwrap();
    }
    let rest = "SELECT name FROM sqlite_schema WHERE name NOT GLOB 'sqlite_*' AND tbl_name NOT GLOB '__diesel*'";
    let rest: Vec<Name> = database.read(async move |conn| Ok(sql_query(rest).load(conn).await?)).await.unwrap();
    assert_eq!(rest.into_iter().map(|row| row.name).collect::<Vec<_>>(), Vec::<String>::new());
}

#[test]
fn both_databases_have_the_same_migrations() {
    assert_eq!(names("sqlite"), names("postgres"));
}
