//! Our own adapters keep the promises of the ports on SQLite, in a file and in memory.
#![expect(clippy::unwrap_used, reason = "a test may fail")]

use fasttrack_domain::ports::Repositories;
use fasttrack_infra_diesel::sqlite::{Database, SqliteLocation};
use fasttrack_testkit::Ports;

async fn ports(location: &SqliteLocation) -> Ports {
    let database = Database::open(location).unwrap();
    database.migrate().await.unwrap();
    let Repositories {
        users,
        projects,
        tasks,
        comments,
        sessions,
        revocations,
        idempotency,
        outbox,
        notifications,
        statistics,
        notices,
        jobs,
        tickets,
        password_costs,
        resets,
        verifications,
        login_attempts,
        identities,
        audit,
        health,
    } = database.repositories();
    Ports {
        users,
        projects,
        tasks,
        comments,
        sessions,
        revocations,
        idempotency,
        outbox,
        notifications,
        statistics,
        notices,
        jobs,
        tickets,
        password_costs,
        resets,
        verifications,
        login_attempts,
        identities,
        audit,
        health,
    }
}

mod in_a_file {
    use super::*;

    async fn fresh() -> (Ports, tempfile::TempDir) {
        let directory = tempfile::tempdir().unwrap();
        (ports(&SqliteLocation::File(directory.path().join("fasttrack.db"))).await, directory)
    }

    fasttrack_testkit::contract_tests!(fresh);
}

mod in_memory {
    use super::*;

    async fn fresh() -> (Ports, ()) {
        (ports(&SqliteLocation::Memory).await, ())
    }

    fasttrack_testkit::contract_tests!(fresh);
}
