//! The user of a token: it may what its user may, and goes on as its user does.

use super::{OF_PROJECTS, unauthorized};
use fasttrack_tests::{PASSWORD, Server, eventually};
use serde_json::json;

const ANOTHER: &str = "another horse battery";

#[tokio::test]
async fn token_never_may_more_than_its_user() {
    let server = Server::shared();
    let (ann, bob) = (server.register().await, server.register().await);
    let (project, another) = (ann.project().await, ann.project().await);
    let task = ann.task(project, json!({})).await;
    for project in [project, another] {
        ann.share(project, &bob, "viewer").await;
    }
    let token = bob.api_token(json!({"scopes": OF_PROJECTS, "project_ids": [project]})).await;
    for (role, comments, changes, manages) in
        [("viewer", 403, 403, 403), ("commenter", 201, 403, 403), ("editor", 201, 200, 403)]
    {
        ann.share(project, &bob, role).await;
        token.get(format!("/tasks/{task}")).await.expect(200);
        token.post(format!("/tasks/{task}/comments"), json!({"body": "Deep"})).await.expect(comments);
        token.patch(format!("/tasks/{task}"), json!({"description": role})).await.expect(changes);
        token.patch(format!("/projects/{project}"), json!({"name": role})).await.expect(manages);
    }
    ann.remove(project, &bob).await;
    token.get(format!("/tasks/{task}")).await.refused(403, "forbidden");
    assert_eq!(token.get("/projects").await.expect(200).ids(), [0; 0]);
}

#[tokio::test]
async fn token_follows_password_role_and_state_of_its_user() {
    let server = Server::shared();
    let (ann, bob, admin) = (server.register().await, server.register().await, server.admin().await);
    let project = format!("/projects/{}", bob.project().await);
    let token = ann.api_token(json!({"scopes": ["projects:read", "notifications:read"]})).await;
    token.get(&project).await.refused(403, "forbidden");

    let change = json!({"current_password": PASSWORD, "new_password": ANOTHER});
    ann.post("/auth/password/change", change).await.expect(200);
    ann.log_out().await.expect(200);
    token.get("/projects").await.expect(200);

    let user = format!("/users/{}", ann.id);
    for (role, status) in [("admin", 200), ("user", 403)] {
        admin.patch(&user, json!({"role": role})).await.expect(200);
        token.get(&project).await.expect(status);
    }

    let mut socket = token.socket("").open().await;
    admin.patch(&user, json!({"is_active": false})).await.expect(200);
    for _ in 0..2 {
        unauthorized(token.get("/projects").await, "token_revoked");
    }
    assert_eq!(socket.closed().await, Some(4401));
    admin.patch(&user, json!({"is_active": true})).await.expect(200);
    token.get("/projects").await.expect(200);
    token.get(&project).await.refused(403, "forbidden");
}

#[tokio::test]
async fn set_password_and_erasure_end_every_token() {
    let server = Server::shared();
    let (ann, bob) = (server.register().await, server.register().await);
    let scopes = json!({"scopes": ["notifications:read"]});
    let mut tokens = Vec::new();
    for account in [&ann, &bob] {
        // One that the node has seen, and one that it hasn't.
        let pair = [account.api_token(scopes.clone()).await, account.api_token(scopes.clone()).await];
        pair[0].get("/notifications").await.expect(200);
        tokens.push(pair);
    }
    let mut sockets = [tokens[0][0].socket("").open().await, tokens[1][0].socket("").open().await];
    let set = server.installation().command(["user", "set-password", "--email", &ann.email]);
    set.input(ANOTHER).run().await.succeeded();
    eventually("the token is refused", async || tokens[0][0].get("/notifications").await.status == 401).await;
    bob.erase().await.expect(204);
    for token in tokens.iter().flatten() {
        unauthorized(token.get("/notifications").await, "token_revoked");
    }
    for socket in &mut sockets {
        assert_eq!(socket.closed().await, Some(4401));
    }
}
