//! Whether the schema of a file is exactly what our migrations make.
//!
//! A trigger or a view in a file from elsewhere would run with every change that the server makes, and a table without
//! its constraints would take what no query expects.

use crate::{
    Error,
    sqlite::connection::{self, Access, in_place},
};
use diesel::{QueryableByName, RunQueryDsl, sql_query, sql_types::Text};
use rusqlite::Connection;
use std::collections::BTreeMap;

/// What makes an object: its kind and name, and the statement; none for an index that belongs to a table's definition.
type Objects = BTreeMap<(String, String), String>;

/// Tables of SQLite's own, and of the tool that applies migrations: whatever they are like, nothing of ours is in them.
const OBJECTS: &str = "SELECT type, name, coalesce(sql, '') AS sql FROM sqlite_schema \
     WHERE NOT (type = 'table' AND (name IN ('sqlite_sequence', '__diesel_schema_migrations') OR name GLOB 'sqlite_stat?'))";

/// In which order the migrations were applied, which columns that were added one after the other show.
const APPLIED: &str = "SELECT version FROM __diesel_schema_migrations ORDER BY rowid";

/// What differs between the schema of the database and what the migrations make that were applied to it, one line each.
/// All of them must be known.
pub(super) fn differences(connection: &Connection) -> rusqlite::Result<Result<Vec<String>, Error>> {
    let applied: Vec<String> =
        connection.prepare(APPLIED)?.query_map([], |row| row.get(0))?.collect::<Result<_, _>>()?;
    let found: Objects = connection
        .prepare(OBJECTS)?
        .query_map([], |row| Ok(((row.get(0)?, row.get(1)?), row.get(2)?)))?
        .collect::<Result<_, _>>()?;
    Ok(expected(&applied).map(|expected| compare(&expected, &found)))
}

fn compare(expected: &Objects, found: &Objects) -> Vec<String> {
    let foreign = found.iter().filter_map(|(object, sql)| match expected.get(object) {
        None => Some((object, "isn't ours")),
        Some(ours) if ours != sql => Some((object, "is another than ours")),
        Some(_) => None,
    });
    let missing = expected.keys().filter(|object| !found.contains_key(object)).map(|object| (object, "is missing"));
    foreign.chain(missing).map(|((kind, name), fault)| format!("{kind} {name:?} {fault}")).collect()
}

#[derive(QueryableByName)]
struct Object {
    #[diesel(sql_type = Text, column_name = "type")]
    kind: String,
    #[diesel(sql_type = Text)]
    name: String,
    #[diesel(sql_type = Text)]
    sql: String,
}

/// What these migrations make of an empty database.
fn expected(applied: &[String]) -> Result<Objects, Error> {
    let mut connection = connection::open(":memory:", Access::Write)?;
    let applied = applied.to_owned();
    in_place(async move {
        let objects = connection.spawn_blocking(move |connection| {
            if let Err(error) = connection::apply(connection, &applied) {
                return Ok(Err(error));
            }
            Ok(Ok(sql_query(OBJECTS).load::<Object>(connection)?))
        });
        let objects = objects.await??;
        Ok(objects.into_iter().map(|object| ((object.kind, object.name), object.sql)).collect())
    })
}
