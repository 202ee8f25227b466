use crate::better_auth::BetterAuth;
use fasttrack_tests::{Account, Installation};
use serde_json::json;

const EMAIL: &str = "ann@example.org";

#[tokio::test]
async fn an_account_is_linked_once_better_auth_has_verified_its_address() {
    let Some(better_auth) = BetterAuth::start() else { return };
    let server = better_auth.trusted_by(Installation::new()).with("REGISTRATION", "open").start();
    let local = Account::register(server.anonymous(), EMAIL).await;
    let project = local.project().await;

    // Whoever signs up with an address need not be who reads what is sent there.
    let ann = better_auth.sign_up(EMAIL, "Somebody").await;
    let unverified = ann.at(&server).await;
    unverified.get("/auth/me").await.refused(403, "forbidden");
    let refused = unverified.post(ann.todos(), json!({"title": "Water the roses"})).await.expect(403);
    assert_eq!(refused.code(), "forbidden");

    ann.verify_email().await;
    let linked = ann.at(&server).await;
    let me = linked.get("/auth/me").await.expect(200).data();
    assert_eq!((&me["id"], &me["display_name"]), (&json!(local.id), &json!(local.name())));
    assert_eq!(linked.get("/projects").await.expect(200).ids(), [project]);

    // The same todos by either name.
    let todo = linked.post(ann.todos(), json!({"title": "Water the roses"})).await.expect(201).json();
    assert_eq!(todo["user_id"], json!(ann.id));
    let todos = local.get(format!("/api/{}/tasks", local.id)).await.expect(200).json();
    assert_eq!((&todos[0]["id"], &todos[0]["user_id"]), (&todo["id"], &json!(local.id)));
    // A link is between ids: neither the account's address nor what was said before matters from now on.
    local.patch("/users/me", json!({"email": "anna@example.org"})).await.expect(200);
    unverified.get("/auth/me").await.expect(200);
}
