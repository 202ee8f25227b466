//! Which migrations a database has, against those that are built in.

use diesel::{
    backend::Backend,
    migration::{Migration, MigrationSource},
};
use diesel_migrations::EmbeddedMigrations;
use std::fmt;

/// The schema of a database, seen from this program.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SchemaState {
    /// The one that this program was built for.
    UpToDate,
    /// These migrations are still to be applied, in this order.
    Behind(Vec<String>),
    /// A migration that this program doesn't know was applied: a newer one has been here. This is its version.
    Newer(String),
}

impl fmt::Display for SchemaState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::UpToDate => f.write_str("up to date"),
            Self::Behind(names) => write!(f, "behind this program: {} is to be applied", names.join(", ")),
            Self::Newer(version) => write!(f, "newer than this program, which doesn't know migration {version}"),
        }
    }
}

/// The migrations that are built in, in their order.
pub(crate) fn known<DB: Backend>(embedded: &EmbeddedMigrations) -> Vec<Box<dyn Migration<DB>>> {
    let mut migrations = MigrationSource::<DB>::migrations(embedded).unwrap_or_default();
    migrations.sort_by_key(|migration| migration.name().version().as_owned());
    migrations
}

/// Compares the versions that were applied with those that are known.
pub(crate) fn compare<DB: Backend>(known: &[Box<dyn Migration<DB>>], applied: &[String]) -> SchemaState {
    let is = |migration: &dyn Migration<DB>, version: &str| migration.name().version().to_string() == version;
    if let Some(unknown) = applied.iter().find(|version| !known.iter().any(|m| is(m.as_ref(), version))) {
        return SchemaState::Newer(unknown.clone());
    }
    let pending = known.iter().filter(|m| !applied.iter().any(|version| is(m.as_ref(), version)));
    let names: Vec<_> = pending.map(|migration| migration.name().to_string()).collect();
    if names.is_empty() { SchemaState::UpToDate } else { SchemaState::Behind(names) }
}
