//! The export of an account's data, and its erasure.

#![expect(clippy::unwrap_used, reason = "a test may fail")]

mod erase_me;
mod erase_user;
mod export;
mod large;
mod mail;
mod races;
mod reassignment;
mod remains;

use fasttrack_tests::{Account, Installation, PASSWORD, eventually};
use serde_json::json;

/// The name that an erased user is shown with.
const DELETED: &str = "Deleted user";

/// Fails unless the account is as unknown as one that never was, to itself and to an admin.
async fn is_unknown(account: &Account, admin: &Account) {
    account.get("/auth/me").await.refused(401, "token_revoked");
    account.get("/projects").await.refused(401, "token_revoked");
    account.erase().await.refused(401, "token_revoked");
    account.socket("").await.refused(401, "token_revoked");
    let refresh = json!({"refresh_token": account.refresh_token});
    account.post("/auth/refresh", refresh).await.refused(401, "invalid_refresh_token");
    let login = json!({"email": account.email, "password": PASSWORD});
    account.post("/auth/login", login).await.refused(401, "invalid_credentials");

    let path = format!("/users/{}", account.id);
    admin.get(&path).await.refused(404, "not_found");
    admin.patch(&path, json!({"is_active": true})).await.refused(404, "not_found");
    admin.delete(&path).await.refused(404, "not_found");
    for list in ["users", "people"] {
        let found = admin.get(format!("/{list}?email={}", account.email)).await.expect(200);
        assert_eq!(found.ids(), [0; 0], "{list}");
    }
    let project = admin.project().await;
    let task = json!({"title": "Dig", "assignee_id": account.id});
    admin.post(format!("/projects/{project}/tasks"), task).await.invalid_as("assignee_id", "unknown_user");
    let member = format!("/projects/{project}/members/{}", account.id);
    admin.put(&member, json!({"role": "viewer"})).await.refused(404, "not_found");
    let next = json!({"user_id": account.id});
    admin.post(format!("/projects/{project}/transfer"), next).await.invalid_as("user_id", "not_a_member");
    admin.delete(format!("/projects/{project}")).await.expect(204);
}

/// Waits until no erasure of the installation has anything left to do. A test that uses it has its own server.
async fn erased(installation: &Installation) {
    eventually("nothing is left to erase", async || {
        !installation.command(["jobs", "list"]).run().await.succeeded().contains("erase_user")
    })
    .await;
}
