//! Our adapters keep the promises of the ports on SQLite, in a file and in memory.
#![expect(clippy::unwrap_used, reason = "a test may fail")]

use fasttrack_domain::ports::Repositories;
use fasttrack_infra_diesel::sqlite::{Database, SqliteLocation};

async fn repositories(location: &SqliteLocation) -> Repositories {
    let database = Database::open(location).unwrap();
    database.migrate().await.unwrap();
    database.repositories()
}

mod in_a_file {
    use super::*;

    async fn fresh() -> (Repositories, tempfile::TempDir) {
        let directory = tempfile::tempdir().unwrap();
        (repositories(&SqliteLocation::File(directory.path().join("fasttrack.db"))).await, directory)
    }

    fasttrack_testkit::contract_tests!(fresh);
}

mod in_memory {
    use super::*;

    async fn fresh() -> (Repositories, ()) {
        (repositories(&SqliteLocation::Memory).await, ())
    }

    fasttrack_testkit::contract_tests!(fresh);
}
