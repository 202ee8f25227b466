//! What is stored.

use super::unauthorized;
use fasttrack_tests::{Installation, eventually, timestamp};
use serde_json::json;

#[tokio::test]
async fn tokens_revocations_and_uses_survive_kill_and_restart() {
    let installation = Installation::new();
    let server = installation.start();
    let ann = server.register().await;
    let scopes = json!({"scopes": ["tasks:read"]});
    let (kept, ended) = (ann.api_token(scopes.clone()).await, ann.api_token(scopes).await);
    ended.get("/tasks").await.expect(200);
    ann.delete(ended.path()).await.expect(204);
    server.kill();

    let server = installation.start();
    kept.on(&server).get("/tasks").await.expect(200);
    unauthorized(ended.on(&server).get("/tasks").await, "token_revoked");
    // The use is recorded at the shutdown, if not before.
    assert!(server.stop().await.success());
    if !installation.is_on_postgres() {
        for file in ["fasttrack.db", "fasttrack.db-wal"] {
            let bytes = std::fs::read(installation.path(file)).unwrap_or_default();
            assert!(!bytes.windows(43).any(|part| part == &kept.token.as_bytes()[3..46]), "{file}");
        }
    }
    // A token that ended is remembered for 90 days.
    let span = if installation.is_on_postgres() { "INTERVAL '90 days'" } else { "90 * 86400 * 1000000" };
    installation.sql(&format!("UPDATE api_tokens SET revoked_at = revoked_at - {span} WHERE id = {}", ended.id));

    let server = installation.start();
    let listed = ann.on(&server).get("/auth/tokens").await.expect(200).items();
    assert_eq!((listed.len(), &listed[0]["id"]), (1, &json!(kept.id)));
    assert!(timestamp(&listed[0]["last_used_at"]) > timestamp(&listed[0]["created_at"]), "{listed:#?}");
    let ended = ended.on(&server);
    eventually("it is forgotten", async || ended.get("/tasks").await.code() == "token_invalid").await;
    kept.on(&server).get("/tasks").await.expect(200);
}
