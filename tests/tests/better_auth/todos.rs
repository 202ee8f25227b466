use crate::better_auth::BetterAuth;
use fasttrack_tests::{Installation, Received, has_fields};
use reqwest::Method;
use serde_json::json;

#[tokio::test]
async fn first_request_of_better_auth_user_creates_account() {
    let Some(better_auth) = BetterAuth::start() else { return };
    let server = better_auth.trusted_by(Installation::new()).start();
    let ann = better_auth.sign_up("ann@example.org", "Ann").await;
    let client = ann.at(&server).await;
    let me = client.get("/auth/me").await.expect(200).data();
    // Nobody has proven the address there yet.
    assert!(me["email"].as_str().is_some_and(|email| email.ends_with("@external.invalid")), "{me}");
    assert_eq!((&me["email_verified"], &me["display_name"]), (&json!(false), &json!("Ann")));
    assert_eq!((&me["role"], &me["is_active"]), (&json!("user"), &json!(true)));
    let again = ann.at(&server).await.get("/auth/me").await.expect(200).data();
    assert_eq!(again, me);
    let bob = better_auth.sign_up("bob@example.org", "Bob").await;
    assert_ne!(bob.at(&server).await.get("/auth/me").await.expect(200).id(), me["id"].as_i64().unwrap());
}

#[tokio::test]
async fn todos_of_better_auth_user_are_ordinary_tasks() {
    let Some(better_auth) = BetterAuth::start() else { return };
    let server = better_auth.trusted_by(Installation::new()).start();
    let ann = better_auth.sign_up("ann@example.org", "Ann").await;
    let (client, todos) = (ann.at(&server).await, ann.todos());
    assert_eq!(client.get(&todos).await.expect(200).json(), json!([]));
    let added = client.post(&todos, json!({"title": "Water the roses"})).await.expect(201);
    let todo = added.json();
    has_fields(&todo, &["id", "user_id", "title", "description", "completed", "due", "created_at", "updated_at"]);
    assert_eq!((&todo["user_id"], &todo["completed"]), (&json!(ann.id), &json!(false)));
    let id = todo["id"].as_i64().unwrap();
    let path = format!("{todos}/{id}");
    let toggled = client.request(Method::PATCH, format!("{path}/complete")).await.expect(200);
    assert_eq!(toggled.json()["completed"], true);
    client.patch(&path, json!({"title": "Water the tulips"})).await.expect(200);
    assert_eq!(client.get(&todos).await.expect(200).json()[0]["title"], "Water the tulips");

    // The same task, seen as such.
    let task = client.get(format!("/tasks/{id}")).await.expect(200).data();
    assert_eq!((&task["title"], &task["status"]), (&json!("Water the tulips"), &json!("done")));
    let projects = client.get("/projects").await.expect(200).items();
    assert_eq!((projects.len(), &projects[0]["name"]), (1, &json!("Inbox")));
    assert_eq!(projects[0]["id"], task["project_id"]);

    // Neither somebody else's, nor by another name of the user's own.
    let bob = better_auth.sign_up("bob@example.org", "Bob").await;
    let number = client.get("/auth/me").await.expect(200).id();
    for (caller, todos) in [(&bob.at(&server).await, todos.clone()), (&client, format!("/api/{number}/tasks"))] {
        let refused = caller.get(todos).await.expect(403);
        assert_eq!(refused.code(), "forbidden");
    }
    client.delete(&path).await.expect(204);
    client.get(&path).await.expect(404);
}

#[tokio::test]
async fn better_auth_user_gets_notifications_until_revocation() {
    let Some(better_auth) = BetterAuth::start() else { return };
    let server = better_auth.trusted_by(Installation::new()).start();
    let ann = better_auth.sign_up("ann@example.org", "Ann").await;
    let token = ann.token().await;
    let client = server.anonymous().with_token(&token);
    let todo = client.post(ann.todos(), json!({"title": "Water the roses"})).await.expect(201).json();
    let task = format!("/tasks/{}", todo["id"]);

    let ticket = client.request(Method::POST, "/ws/ticket").await.expect(201).data()["ticket"].clone();
    let queries = [format!("?token={token}"), format!("?ticket={}", ticket.as_str().unwrap())];
    let [mut by_token, mut by_ticket] =
        [server.anonymous().socket(&queries[0]).open().await, server.anonymous().socket(&queries[1]).open().await];
    let admin = server.admin().await;
    admin.patch(&task, json!({"status": "in_progress"})).await.expect(200);
    for socket in [&mut by_token, &mut by_ticket] {
        let told = socket.next().await;
        assert_eq!(told["type"], "status_changed");
        assert_eq!((&told["data"]["old"], &told["data"]["new"]), (&json!("todo"), &json!("in_progress")));
    }

    client.request(Method::POST, "/auth/logout").await.expect(200);
    client.get("/auth/me").await.refused(401, "token_revoked");
    for socket in [&mut by_token, &mut by_ticket] {
        assert_eq!(socket.receive().await, Received::Closed(Some(4401)));
    }
}

#[tokio::test]
async fn deactivated_user_is_refused_despite_better_auth() {
    let Some(better_auth) = BetterAuth::start() else { return };
    let server = better_auth.trusted_by(Installation::new()).start();
    let ann = better_auth.sign_up("ann@example.org", "Ann").await;
    let client = ann.at(&server).await;
    let id = client.get("/auth/me").await.expect(200).id();
    let admin = server.admin().await;
    let user = format!("/users/{id}");
    admin.patch(&user, json!({"is_active": false})).await.expect(200);
    client.get("/auth/me").await.refused(401, "token_revoked");
    ann.at(&server).await.get("/auth/me").await.refused(401, "token_revoked");
    admin.patch(&user, json!({"is_active": true, "role": "admin"})).await.expect(200);
    let promoted = ann.at(&server).await;
    assert_eq!(promoted.get("/auth/me").await.expect(200).data()["role"], "admin");
    promoted.get("/users").await.expect(200);
}
