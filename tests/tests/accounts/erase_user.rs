//! DELETE `/users/{id}`.

use super::is_unknown;
use fasttrack_tests::{MISSING, Server};
use serde_json::json;

#[tokio::test]
async fn admin_erases_an_account_without_its_password() {
    let server = Server::shared();
    let (ann, bob, admin) = (server.register().await, server.register().await, server.admin().await);
    let mut socket = ann.follow(0).await;
    let path = format!("/users/{}", ann.id);
    bob.delete(&path).await.refused(403, "forbidden");
    assert_eq!(admin.delete(&path).await.expect(204).body, "");
    assert_eq!(socket.closed().await, Some(4401));
    is_unknown(&ann, &admin).await;
    bob.get("/auth/me").await.expect(200);
}

#[tokio::test]
async fn deactivated_account_can_be_erased() {
    let server = Server::shared();
    let (ann, admin) = (server.register().await, server.admin().await);
    let project = ann.project().await;
    let path = format!("/users/{}", ann.id);
    admin.patch(&path, json!({"is_active": false})).await.expect(200);
    admin.delete(&path).await.expect(204);
    admin.get(format!("/projects/{project}")).await.refused(404, "not_found");
    server.register_as(&ann.email).await;
}

#[tokio::test]
async fn missing_user_cannot_be_erased() {
    let server = Server::shared();
    let (ann, admin) = (server.register().await, server.admin().await);
    for id in [0, -1, MISSING] {
        admin.delete(format!("/users/{id}")).await.refused(404, "not_found");
        ann.delete(format!("/users/{id}")).await.refused(403, "forbidden");
    }
    admin.delete("/users/ann").await.invalid_as("path.id", "invalid");
}

#[tokio::test]
async fn receiver_must_be_another_active_user() {
    let server = Server::shared();
    let (ann, bob, eve) = (server.register().await, server.register().await, server.register().await);
    let admin = server.admin().await;
    admin.patch(format!("/users/{}", bob.id), json!({"is_active": false})).await.expect(200);
    eve.erase().await.expect(204);
    let path = format!("/users/{}", ann.id);
    for receiver in [0, MISSING, bob.id, eve.id, ann.id] {
        let refused = admin.delete(format!("{path}?reassign_to={receiver}")).await;
        refused.invalid_as("query.reassign_to", "unknown_user");
    }
    for wrong in ["", "bob", "1.5", "9223372036854775808", "%00"] {
        admin.delete(format!("{path}?reassign_to={wrong}")).await.invalid(&["query.reassign_to"]);
    }
    admin.delete("/users/x?reassign_to=x").await.invalid(&["path.id", "query.reassign_to"]);
    // Existence and permission come before the value.
    let missing = admin.delete(format!("/users/{MISSING}?reassign_to={MISSING}")).await;
    missing.refused(404, "not_found");
    ann.delete(format!("{path}?reassign_to={MISSING}")).await.refused(403, "forbidden");
    ann.get("/auth/me").await.expect(200);
}
