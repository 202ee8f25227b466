use fasttrack_tests::{Account, MISSING, Server, all, timestamp};
use serde_json::{Value, json};

fn path(account: &Account) -> String {
    format!("/users/{}", account.id)
}

#[tokio::test]
async fn admin_reads_and_changes_any_user() {
    let server = Server::shared();
    let (admin, ann) = (server.admin().await, server.register().await);
    let before = ann.get("/users/me").await.expect(200).data();
    assert_eq!(admin.get(path(&ann)).await.expect(200).data(), before);

    let body = json!({"role": "admin", "is_active": false, "display_name": " Anna "});
    let after = admin.patch(path(&ann), body).await.expect(200).data();
    assert_eq!(after["role"], "admin");
    assert_eq!(after["is_active"], false);
    assert_eq!(after["display_name"], "Anna");
    assert_eq!(after["email"], before["email"]);
    assert!(timestamp(&after["updated_at"]) > timestamp(&before["updated_at"]));
    assert_eq!(admin.get(path(&ann)).await.expect(200).data(), after);
    assert_eq!(admin.patch(path(&ann), json!({})).await.expect(200).data(), after);
}

#[tokio::test]
async fn invalid_change_of_user_by_admin_is_refused() {
    let server = Server::shared();
    let (admin, ann) = (server.admin().await, server.register().await);
    for (field, value) in [
        ("email", json!("new@example.org")),
        ("password", json!("another horse battery")),
        ("created_at", json!("2020-01-01T00:00:00Z")),
        ("role", json!("emperor")),
        ("role", Value::Null),
        ("role", json!(1)),
        ("is_active", json!("false")),
        ("is_active", json!(0)),
        ("is_active", Value::Null),
        ("display_name", Value::Null),
        ("display_name", json!("")),
    ] {
        admin.patch(path(&ann), json!({field: value})).await.invalid(&[field]);
    }
}

#[tokio::test]
async fn missing_user_is_404() {
    let server = Server::shared();
    let admin = server.admin().await;
    for id in [0, MISSING] {
        admin.get(format!("/users/{id}")).await.refused(404, "not_found");
        admin.patch(format!("/users/{id}"), json!({"role": "user"})).await.refused(404, "not_found");
    }
}

#[tokio::test]
async fn last_active_admin_cannot_leave() {
    let server = Server::start();
    let (first, second) = (server.admin().await, server.admin().await);
    first.patch(path(&second), json!({"is_active": false})).await.expect(200);
    for body in [json!({"role": "user"}), json!({"is_active": false}), json!({"role": "user", "is_active": false})] {
        first.patch(path(&first), body).await.refused(409, "conflict");
    }
    // Nothing of the refused changes has happened, and others are still possible.
    let me = first.patch(path(&first), json!({"display_name": "Root", "role": "admin"})).await.expect(200).data();
    assert_eq!((&me["role"], &me["is_active"]), (&json!("admin"), &json!(true)));
    first.patch(path(&second), json!({"is_active": true})).await.expect(200);
    first.patch(path(&first), json!({"role": "user"})).await.expect(200);
    let second = second.log_in_again().await;
    second.patch(path(&second), json!({"role": "user"})).await.refused(409, "conflict");
}

#[tokio::test]
async fn concurrent_demotions_leave_one_admin() {
    let server = Server::start();
    let mut admins = Vec::new();
    for _ in 0..4 {
        admins.push(server.admin().await);
    }
    let resign = |admin: &Account| admin.patch(path(admin), json!({"role": "user"}));
    let answers = all(admins.iter().map(resign)).await;
    let (left, kept): (Vec<_>, Vec<_>) = answers.into_iter().partition(|answer| answer.status == 200);
    assert_eq!((left.len(), kept.len()), (3, 1));
    for answer in kept {
        answer.refused(409, "conflict");
    }
}
