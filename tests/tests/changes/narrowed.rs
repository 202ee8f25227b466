//! API tokens: their scopes, and those that are for some projects.

use super::{Follower, SCOPES, brief, settle};
use fasttrack_tests::Server;
use serde_json::json;

#[tokio::test]
async fn feed_needs_three_scopes() {
    let server = Server::shared();
    let ann = server.register().await;
    let needed = r#"Bearer error="insufficient_scope", scope="projects:read tasks:read comments:read""#;
    for missing in 0..SCOPES.len() {
        let mut scopes = SCOPES.to_vec();
        scopes.remove(missing);
        scopes.push("notifications:read");
        let token = ann.api_token(json!({"scopes": scopes})).await;
        for path in ["/changes", "/changes/stream"] {
            let answer = token.get(path).await.refused(403, "insufficient_scope");
            assert_eq!(answer.header("www-authenticate"), Some(needed), "{answer:#?}");
        }
    }
    let writes = SCOPES.map(|scope| scope.replace(":read", ":write"));
    ann.api_token(json!({"scopes": writes})).await.get("/changes").await.expect(200);
}

#[tokio::test]
async fn narrowed_token_follows_its_projects_alone() {
    let server = Server::shared();
    let (ann, bob, admin) = (server.register().await, server.register().await, server.admin().await);
    let (inside, outside) = (ann.project().await, ann.project().await);
    let assigned = bob.task(bob.project().await, json!({"assignee_id": ann.id})).await;
    let narrow = json!({"scopes": SCOPES, "project_ids": [inside]});
    let tokens = [ann.api_token(narrow.clone()).await, admin.api_token(narrow).await];
    settle(&ann).await;
    let mut followers = [Follower::new(), Follower::new()];
    for (follower, token) in followers.iter_mut().zip(&tokens) {
        let first = follower.catch_up(token).await;
        let words: Vec<_> = first.iter().map(brief).collect();
        assert_eq!(words, [format!("put project {inside}"), format!("put member {}", ann.id)]);
    }
    ann.task(outside, json!({})).await;
    ann.comment(assigned).await;
    let task = ann.task(inside, json!({})).await;
    for (follower, token) in followers.iter_mut().zip(&tokens) {
        follower.sees(token, &[&format!("put task {task}")]).await;
    }
    ann.delete(format!("/projects/{outside}")).await.expect(204);
    ann.delete(format!("/projects/{inside}")).await.expect(204);
    for (follower, token) in followers.iter_mut().zip(&tokens) {
        follower.sees(token, &[&format!("delete project {inside} deleted")]).await;
        assert!(follower.things.is_empty());
    }
}
