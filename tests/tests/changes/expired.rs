//! Cursors that are older than tombstones.

use super::{Follower, cursor, follow, visible::visible};
use fasttrack_tests::{Installation, Server, eventually};
use serde_json::json;

/// Moves every change `days` into the past.
fn age(server: &Server, days: u32) {
    let installation = server.installation();
    let interval =
        if installation.is_on_postgres() { format!("INTERVAL '{days} days'") } else { format!("{days} * 86400000000") };
    for table in ["changes", "user_changes"] {
        installation.sql(&format!("UPDATE {table} SET changed_at = changed_at - {interval}"));
    }
}

#[tokio::test]
async fn cursor_older_than_tombstones_is_expired() {
    let server = Installation::new().with("CHANGES_RETENTION_DAYS", "2.5").start();
    let installation = server.installation().clone();
    let ann = server.register().await;
    let project = ann.project().await;
    let task = ann.task(project, json!({})).await;
    let mut follower = follow(&ann).await;
    let old = follower.cursor.clone().unwrap();
    ann.delete(format!("/tasks/{task}")).await.expect(204);
    follower.sees(&ann, &[&format!("delete task {task} deleted")]).await;
    let recent = follower.cursor.clone().unwrap();
    age(&server, 2);
    server.stop().await;

    let server = installation.start();
    let ann = ann.on(&server);
    ann.get(format!("/changes?since={old}")).await.expect(200);
    age(&server, 1);
    server.stop().await;

    let server = installation.start();
    let ann = ann.on(&server);
    let path = format!("?since={old}");
    eventually("the cursor is expired", async || ann.get(format!("/changes{path}")).await.status == 410).await;
    for route in ["/changes", "/changes/stream"] {
        ann.get(format!("{route}{path}")).await.refused(410, "cursor_expired");
    }
    // One that has seen the deletion is as good as ever, and everybody can begin anew.
    cursor(&ann, &format!("?since={recent}")).await;
    let mut anew = Follower::new();
    anew.catch_up(&ann).await;
    assert_eq!(anew.things, visible(&ann).await);
    assert_eq!(anew.things, follower.things);
}
