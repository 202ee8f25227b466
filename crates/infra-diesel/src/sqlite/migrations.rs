//! Applies migrations.

use super::{
    dialect,
    in_place::Connection,
    repositories::{address_forms, schema_state},
    schema::__diesel_schema_migrations as migrations,
};
use crate::{Error, SchemaState};
use diesel::{ExpressionMethods, RunQueryDsl, SqliteConnection, insert_into};

/// Applies the pending migrations within the open transaction and returns their names.
pub(super) async fn migrate(connection: &mut Connection) -> Result<Vec<String>, Error> {
    let pending = match schema_state(connection).await? {
        SchemaState::UpToDate => return Ok(Vec::new()),
        SchemaState::Behind(names) => names,
        newer @ SchemaState::Newer(_) => return Err(Error::Schema(newer)),
    };
    match address_forms::split(&pending) {
        None => apply_named(connection, &pending)?,
        Some((before, after)) => {
            apply_named(connection, before)?;
            address_forms::convert(connection).await?;
            apply_named(connection, after)?;
        }
    }
    Ok(pending)
}

/// Applies the migrations with these names.
fn apply_named(connection: &mut Connection, names: &[String]) -> Result<(), Error> {
    let versions: Vec<_> = dialect::migrations()
        .iter()
        .filter(|migration| names.contains(&migration.name().to_string()))
        .map(|migration| migration.name().version().to_string())
        .collect();
    apply(connection.blocking(), &versions)
}

/// Applies the migrations of these versions, in this order, and records that they are applied.
pub(super) fn apply(connection: &mut SqliteConnection, versions: &[String]) -> Result<(), Error> {
    let known = dialect::migrations();
    let find = |version: &String| known.iter().find(|migration| migration.name().version().to_string() == *version);
    for (version, migration) in versions.iter().filter_map(|version| Some((version, find(version)?))) {
        migration.run(connection).map_err(Error::Migration)?;
        insert_into(migrations::table).values(migrations::version.eq(version)).execute(connection)?;
    }
    Ok(())
}
