//! Where installations keep their rows.

use fasttrack_testkit::postgres::{Cluster, Database, Options};
use std::{
    env,
    io::{Write, stdout},
    process::exit,
    sync::Arc,
};

/// The executable whose tests run on PostgreSQL; all others run on SQLite.
const ON_POSTGRES: &str = "postgres-";

/// A new database for an installation of this executable. `None`: SQLite in its directory.
pub(crate) fn fresh() -> Option<Arc<Database>> {
    let executable = env::current_exe().unwrap();
    let on_postgres = executable.file_name().unwrap().to_str().unwrap().starts_with(ON_POSTGRES);
    on_postgres.then(|| Arc::new(found(Cluster::shared()).create_database()))
}

/// A PostgreSQL that keeps what it acknowledges, for a test that stops it.
pub fn cluster() -> Cluster {
    found(Options::default().durable().start())
}

/// Ends the executable, all tests passed, where there is no PostgreSQL to run them on.
#[expect(clippy::explicit_write, reason = "what is printed in a test is only shown where it fails")]
fn found<T>(cluster: Option<T>) -> T {
    cluster.unwrap_or_else(|| {
        writeln!(stdout(), "ignored: no PostgreSQL").unwrap();
        exit(0)
    })
}
