//! Settings of the database.

use clap::Args;

/// The settings as they are given.
#[derive(Args, Clone, Default)]
#[command(next_help_heading = "Database")]
#[expect(clippy::doc_markdown, reason = "the texts are shown in a terminal, by --help")]
pub struct RawDatabase {
    /// Database, like sqlite://relative/path, sqlite:///absolute/path, sqlite::memory: or postgres://user:password@host/database [default: fasttrack.db in DATA_DIR]
    #[arg(long, env, value_name = "URL")]
    pub(super) database_url: Option<String>,
    /// Connections to PostgreSQL at most, 1 to 1000 [default: 16]
    #[arg(long, env, value_name = "N")]
    pub(super) database_pool_size: Option<String>,
    /// Whether to bring the database's schema up to date at the start: true or false [default: true]
    #[arg(long, env, value_name = "BOOL")]
    pub(super) auto_migrate: Option<String>,
}
