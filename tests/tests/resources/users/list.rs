use fasttrack_tests::{Server, has_fields};
use serde_json::json;

#[tokio::test]
async fn users_filter_by_role_activity_and_address() {
    let server = Server::start();
    let admin = server.admin().await;
    let (ann, bob) = (server.register().await, server.register().await);
    admin.patch(format!("/users/{}", bob.id), json!({"is_active": false})).await.expect(200);

    let upper = format!("email={}", ann.email.to_uppercase());
    for (query, expected) in [
        ("", vec![admin.id, ann.id, bob.id]),
        ("role=admin", vec![admin.id]),
        ("role=user", vec![ann.id, bob.id]),
        ("is_active=true", vec![admin.id, ann.id]),
        ("is_active=false", vec![bob.id]),
        ("role=user&is_active=true", vec![ann.id]),
        ("role=admin&is_active=false", vec![]),
        (&upper, vec![ann.id]),
        ("email=nobody@example.org", vec![]),
        ("sort=email&unknown=1", vec![admin.id, ann.id, bob.id]),
    ] {
        let page = admin.get(format!("/users?{query}")).await.expect(200);
        assert_eq!(page.ids(), expected, "{query}");
    }
    let users = admin.get("/users").await.expect(200).items();
    let shown = ["id", "email", "email_verified", "pending_email", "display_name", "role", "is_active"];
    has_fields(&users[0], &[&shown[..], &["created_at", "updated_at"]].concat());
}

#[tokio::test]
async fn invalid_user_filter_is_named() {
    let server = Server::shared();
    let admin = server.admin().await;
    for (query, field) in [
        ("role=emperor", "query.role"),
        ("role=", "query.role"),
        ("role=Admin", "query.role"),
        ("is_active=yes", "query.is_active"),
        ("is_active=1", "query.is_active"),
        ("email=a%00b@example.org", "query.email"),
        ("limit=0", "query.limit"),
    ] {
        admin.get(format!("/users?{query}")).await.invalid(&[field]);
    }
    let all = admin.get("/users?role=x&is_active=x&limit=x").await;
    all.invalid(&["query.role", "query.is_active", "query.limit"]);
}
