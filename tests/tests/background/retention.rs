//! Deletion of old rows at the start of a server.

use fasttrack_tests::{Installation, Server, Team, eventually};

/// Moves every notification and dead job `days` into the past.
fn age(server: &Server, days: u32) {
    let installation = server.installation();
    if installation.is_on_postgres() {
        installation.sql(&format!(
            "UPDATE notifications SET created_at = created_at - INTERVAL '{days} days';
             UPDATE jobs SET dead_at = now() - INTERVAL '{days} days' WHERE dead_at IS NOT NULL;"
        ));
    } else {
        installation.sql(&format!(
            "UPDATE notifications SET created_at = created_at - {days} * 86400000000;
             UPDATE jobs SET dead_at = unixepoch() * 1000000 - {days} * 86400000000
             WHERE dead_at IS NOT NULL;"
        ));
    }
}

/// Inserts a dead job into the database.
fn dead_job(server: &Server) {
    let now = if server.installation().is_on_postgres() { "now()" } else { "unixepoch() * 1000000" };
    server.installation().sql(&format!(
        "INSERT INTO jobs (kind, payload, attempts, run_at, dead_at, created_at)
         VALUES ('unknown', '{{}}', 12, {now}, {now}, {now})"
    ));
}

async fn dead_jobs(installation: &Installation) -> usize {
    installation.command(["jobs", "list", "--state", "dead"]).run().await.succeeded().lines().count()
}

#[tokio::test]
async fn old_notifications_and_dead_jobs_are_deleted_at_start() {
    let server = Installation::new().with("NOTIFICATION_RETENTION_DAYS", "40").start();
    let installation = server.installation().clone();
    let team = Team::new(&server).await;
    dead_job(&server);
    age(&server, 29);
    server.stop().await;

    let server = installation.start();
    let assignee = team.assignee.on(&server);
    assert_eq!(assignee.get("/notifications").await.expect(200).items().len(), 1);
    assert_eq!(dead_jobs(&installation).await, 1);
    age(&server, 12);
    server.stop().await;

    // Dead for 12 days: it is the day that counts on which it was given up.
    let server = installation.start();
    let assignee = team.assignee.on(&server);
    eventually("old notifications are gone", async || {
        assignee.get("/notifications").await.expect(200).items().is_empty()
    })
    .await;
    assert_eq!(dead_jobs(&installation).await, 1);
    age(&server, 31);
    server.stop().await;

    let server = installation.start();
    eventually("the dead job is gone", async || dead_jobs(&installation).await == 0).await;
    // Numbers go on.
    let owner = team.owner.on(&server);
    let body = serde_json::json!({"status": "in_progress"});
    owner.patch(team.path(), body).await.expect(200);
    let assignee = team.assignee.on(&server);
    eventually("the next notification is there", async || {
        let items = assignee.get("/notifications").await.expect(200).items();
        items.first().is_some_and(|item| item["seq"] == 2)
    })
    .await;
}
