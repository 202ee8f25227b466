//! API tokens apply and end on every node.

use super::two;
use fasttrack_tests::{SOON, eventually};
use serde_json::json;
use std::time::Instant;

#[tokio::test]
async fn token_applies_and_ends_on_the_other_node() {
    let [here, there] = two();
    let (ann, bob, admin) = (here.register().await, here.register().await, here.admin().await);
    let project = format!("/projects/{}", bob.project().await);
    let scopes = json!({"scopes": ["projects:read", "notifications:read"]});
    // At once, as storage is read for it.
    let revoked = ann.api_token(scopes.clone()).await.on(&there);
    revoked.get("/projects").await.expect(200);
    let kept = ann.api_token(scopes).await.on(&there);
    kept.get(&project).await.refused(403, "forbidden");
    let mut socket = revoked.socket("").open().await;

    let begin = Instant::now();
    ann.delete(revoked.path()).await.expect(204);
    eventually("it is revoked", async || revoked.get("/projects").await.status == 401).await;
    revoked.get("/projects").await.refused(401, "token_revoked");
    assert_eq!(socket.closed().await, Some(4401));
    assert!(begin.elapsed() < SOON, "{:?}", begin.elapsed());

    let user = format!("/users/{}", ann.id);
    for (change, status) in [
        (json!({"role": "admin"}), 200),
        (json!({"role": "user"}), 403),
        (json!({"is_active": false}), 401),
        (json!({"is_active": true}), 403),
    ] {
        let begin = Instant::now();
        admin.patch(&user, change.clone()).await.expect(200);
        eventually("the change applies", async || kept.get(&project).await.status == status).await;
        assert!(begin.elapsed() < SOON, "{change}: {:?}", begin.elapsed());
    }
}
