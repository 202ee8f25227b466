//! Compares the migrations of a database with those that are built in.

use diesel::{
    backend::Backend,
    migration::{Migration, MigrationSource},
};
use diesel_migrations::EmbeddedMigrations;
use std::fmt;

// @spec SPEC-008
// @decision DEC-0006
/// Whether the schema of a database is the one that this program needs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SchemaState {
    /// All migrations of this program are applied, and none of a newer one but expansions, which this program tolerates.
    UpToDate,
    /// These migrations are pending, in this order.
    Behind(Vec<String>),
    /// A newer program has applied the migration of this version, which is not an expansion.
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

/// The embedded migrations, by ascending version.
pub(crate) fn known<DB: Backend>(embedded: &EmbeddedMigrations) -> Vec<Box<dyn Migration<DB>>> {
    let mut migrations = MigrationSource::<DB>::migrations(embedded).unwrap_or_default();
    migrations.sort_by_key(|migration| migration.name().version().as_owned());
    migrations
}

/// Whether there is an embedded migration of this version.
pub(crate) fn is_known<DB: Backend>(known: &[Box<dyn Migration<DB>>], version: &str) -> bool {
    known.iter().any(|migration| migration.name().version().to_string() == version)
}

/// Compares the applied versions with the known migrations.
pub(crate) fn compare<DB: Backend>(known: &[Box<dyn Migration<DB>>], applied: &[String]) -> SchemaState {
    if let Some(unknown) = applied.iter().find(|version| !is_known(known, version)) {
        return SchemaState::Newer(unknown.clone());
    }
    let pending = known.iter().filter(|migration| !applied.contains(&migration.name().version().to_string()));
    let names: Vec<_> = pending.map(|migration| migration.name().to_string()).collect();
    if names.is_empty() { SchemaState::UpToDate } else { SchemaState::Behind(names) }
}

/// Compares as [`compare`] does, but tolerates `expansions` of newer programs.
pub(crate) fn compare_without<DB: Backend>(
    known: &[Box<dyn Migration<DB>>],
    applied: &[String],
    expansions: &[String],
) -> SchemaState {
    let matters = |version: &&String| !expansions.contains(version) || is_known(known, version);
    let applied: Vec<_> = applied.iter().filter(matters).cloned().collect();
    compare(known, &applied)
}
