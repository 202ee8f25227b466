//! Where data is kept.

use super::source::Source;
use crate::program::wiring::types::DatabaseUrl;

/// Settings of the database.
#[derive(Debug)]
pub struct Database {
    /// Where it is; `None`: a file in the data directory.
    pub url: Option<DatabaseUrl>,
    /// Connections to PostgreSQL at most.
    pub pool_size: usize,
    /// Whether to bring the schema up to date at the start.
    pub auto_migrate: bool,
}

impl Database {
    pub(super) fn read(source: &mut Source<'_>) -> Self {
        source.group("Database");
        Self {
            url: source
                .setting(
                    "DATABASE_URL",
                    "Database, like sqlite://relative/path, sqlite:///absolute/path, sqlite::memory: or \
                     postgres://user:password@host/database",
                )
                .value_name("URL")
                .default_is("fasttrack.db in DATA_DIR")
                .example("sqlite://data/fasttrack.db")
                .parsed(),
            pool_size: source
                .setting("DATABASE_POOL_SIZE", "Connections to PostgreSQL at most")
                .value_name("N")
                .whole(16, 1..=1000),
            auto_migrate: source
                .setting("AUTO_MIGRATE", "Whether to bring the database's schema up to date at the start")
                .flag(true),
        }
    }
}
