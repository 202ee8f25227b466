//! Compares the schema of a file with what our migrations make.
//!
//! A trigger in a foreign file would run with the server's changes, and a table without its constraints would accept values
//! that no query expects.

use crate::{
    Error,
    sqlite::{
        connection::{self, Access},
        migrations,
    },
};
use diesel::{QueryableByName, RunQueryDsl, sql_query, sql_types::Text};
use rusqlite::Connection;
use std::collections::BTreeMap;

/// Each object's type and name, and its statement; empty for an index that is part of a table's definition.
type Objects = BTreeMap<(String, String), String>;

/// All objects but SQLite's own tables and Diesel's.
const OBJECTS: &str = "SELECT type, name, coalesce(sql, '') AS sql FROM sqlite_schema \
     WHERE NOT (type = 'table' AND (name IN ('sqlite_sequence', '__diesel_schema_migrations') OR name GLOB 'sqlite_stat?'))";

/// In the order in which the migrations were applied, on which the order of columns depends.
const APPLIED: &str = "SELECT version FROM __diesel_schema_migrations ORDER BY rowid";

/// The differences between the schema of the database and what its applied migrations make, one line each. All of them must
/// be known.
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

/// The objects that these migrations make in an empty database.
fn expected(applied: &[String]) -> Result<Objects, Error> {
    let mut connection = connection::open(":memory:", Access::Write)?;
    migrations::apply(connection.blocking(), applied)?;
    let objects = sql_query(OBJECTS).load::<Object>(connection.blocking())?;
    Ok(objects.into_iter().map(|object| ((object.kind, object.name), object.sql)).collect())
}
