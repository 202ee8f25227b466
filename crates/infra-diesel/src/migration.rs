//! Which migrations a database has, against those that are built in.

use diesel::{
    backend::Backend,
    migration::{Migration, MigrationSource},
};
use diesel_migrations::EmbeddedMigrations;
use std::fmt;

// @spec SPEC-008
// @decision DEC-007
/// The schema of a database, seen from this program.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SchemaState {
    /// The one that this program was built for, or that one and what newer programs have only added to it.
    UpToDate,
    /// These migrations are still to be applied, in this order.
    Behind(Vec<String>),
    /// A migration that this program doesn't know was applied, and not declared to be for it too: a newer one has been
    /// here. This is its version.
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

/// Whether the version is that of a migration that is built in.
pub(crate) fn is_known<DB: Backend>(known: &[Box<dyn Migration<DB>>], version: &str) -> bool {
    known.iter().any(|migration| migration.name().version().to_string() == version)
}

/// Compares the versions that were applied with those that are known.
pub(crate) fn compare<DB: Backend>(known: &[Box<dyn Migration<DB>>], applied: &[String]) -> SchemaState {
    if let Some(unknown) = applied.iter().find(|version| !is_known(known, version)) {
        return SchemaState::Newer(unknown.clone());
    }
    let pending = known.iter().filter(|migration| !applied.contains(&migration.name().version().to_string()));
    let names: Vec<_> = pending.map(|migration| migration.name().to_string()).collect();
    if names.is_empty() { SchemaState::UpToDate } else { SchemaState::Behind(names) }
}

/// The same, where what newer programs have only added counts for nothing.
pub(crate) fn compare_without<DB: Backend>(
    known: &[Box<dyn Migration<DB>>],
    applied: &[String],
    expansions: &[String],
) -> SchemaState {
    let matters = |version: &&String| !expansions.contains(version) || is_known(known, version);
    let applied: Vec<_> = applied.iter().filter(matters).cloned().collect();
    compare(known, &applied)
}
