//! Checks a database after a power loss. SQLite recovers it when it is opened, as for the server.

use super::facts::Fact;
use diesel::{
    Connection, QueryResult, QueryableByName, RunQueryDsl, SqliteConnection,
    connection::SimpleConnection,
    sql_query,
    sql_types::{BigInt, Nullable, Text},
};
use std::path::Path;

/// What holds at any moment, of changes that were not acknowledged too.
const INVARIANTS: [(&str, &str); 6] = [
    ("every reference has its row", "(SELECT count(*) FROM pragma_foreign_key_check) = 0"),
    (
        "notifications have no gap",
        "(SELECT count(*) FROM notification_heads WHERE last_seq <> (SELECT count(*) FROM notifications \
         WHERE notifications.user_id = notification_heads.user_id)) = 0",
    ),
    (
        "no notification is doubled",
        "(SELECT count(*) FROM (SELECT 1 FROM notifications GROUP BY user_id, content, created_at \
         HAVING count(*) > 1)) = 0",
    ),
    (
        "no audit line is doubled",
        "(SELECT count(*) FROM (SELECT 1 FROM audit WHERE request_id IS NOT NULL \
         GROUP BY request_id, action, object HAVING count(*) > 1)) = 0",
    ),
    (
        "tasks are counted",
        "(SELECT count(*) FROM projects WHERE task_count <> \
         (SELECT count(*) FROM tasks WHERE project_id = projects.id)) = 0",
    ),
    (
        "comments are counted",
        "(SELECT count(*) FROM tasks WHERE comment_count <> \
         (SELECT count(*) FROM comments WHERE task_id = tasks.id)) = 0",
    ),
];

/// What a database has to have.
pub(super) struct Expected<'e> {
    /// The schema of a database that is migrated.
    pub(super) schema: &'e [String],
    /// Whether a migration was acknowledged. Otherwise there may be no tables yet, and no file.
    pub(super) is_migrated: bool,
    pub(super) facts: Vec<&'e Fact>,
}

/// What is wrong with the database at `path`.
pub(super) fn findings(path: &Path, expected: &Expected<'_>) -> Vec<String> {
    if !path.exists() {
        return if expected.is_migrated { vec!["there is no database".to_owned()] } else { Vec::new() };
    }
    match opened(path).map(|mut connection| examine(&mut connection, expected)) {
        Ok(findings) => findings,
        Err(error) => vec![format!("it can't be opened: {error}")],
    }
}

/// The objects in the schema of the database at `path`.
pub(super) fn schema(path: &Path) -> QueryResult<Vec<String>> {
    texts(&mut opened(path)?, SCHEMA)
}

/// Opens a database without syncs, which an image doesn't need.
pub(super) fn opened(path: &Path) -> QueryResult<SqliteConnection> {
    let opened = SqliteConnection::establish(path.to_str().unwrap());
    let mut connection = opened.map_err(|error| diesel::result::Error::QueryBuilderError(error.into()))?;
    connection.batch_execute("PRAGMA synchronous = OFF")?;
    Ok(connection)
}

fn examine(connection: &mut SqliteConnection, expected: &Expected<'_>) -> Vec<String> {
    let mut findings = Vec::new();
    match texts(connection, "SELECT integrity_check AS text FROM pragma_integrity_check") {
        Ok(lines) if lines == ["ok"] => {}
        found => findings.push(format!("integrity_check: {found:?}")),
    }
    match texts(connection, SCHEMA) {
        Ok(schema) if schema == expected.schema => {}
        Ok(schema) if !expected.is_migrated && is_unmigrated(&schema) => return findings,
        schema => findings.push(format!("the schema is not whole: {schema:?}")),
    }
    let invariants = INVARIANTS.iter().map(|&(what, condition)| (what, condition));
    let facts = expected.facts.iter().map(|fact| (fact.what.as_str(), fact.condition.as_str()));
    for (what, condition) in invariants.chain(facts) {
        match holds(connection, condition) {
            Ok(true) => {}
            Ok(false) => findings.push(format!("not so: {what}: {condition}")),
            Err(error) => findings.push(format!("{what}: {error}")),
        }
    }
    findings
}

const SCHEMA: &str = "SELECT type || ' ' || name || ' ' || coalesce(sql, '') AS text FROM sqlite_schema \
     ORDER BY type, name";

/// Whether there is at most the table of migrations, which is made before they are.
fn is_unmigrated(schema: &[String]) -> bool {
    schema.iter().all(|object| object.contains("__diesel_schema_migrations"))
}

#[derive(QueryableByName)]
struct TextRow {
    #[diesel(sql_type = Text)]
    text: String,
}

#[derive(QueryableByName)]
struct NumberRow {
    #[diesel(sql_type = Nullable<BigInt>)]
    number: Option<i64>,
}

fn texts(connection: &mut SqliteConnection, query: &str) -> QueryResult<Vec<String>> {
    let rows: Vec<TextRow> = sql_query(query).load(connection)?;
    Ok(rows.into_iter().map(|row| row.text).collect())
}

fn holds(connection: &mut SqliteConnection, condition: &str) -> QueryResult<bool> {
    let row: NumberRow = sql_query(format!("SELECT ({condition}) AS number")).get_result(connection)?;
    Ok(row.number == Some(1))
}
