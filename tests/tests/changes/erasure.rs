//! What others get when an account is erased.

use super::{
    follow,
    visible::{followed, visible},
};
use fasttrack_tests::{Server, eventually};
use serde_json::json;
use std::collections::BTreeSet;

#[tokio::test]
async fn erasure_of_a_user_is_in_the_feed_of_others() {
    let server = Server::shared();
    let (ann, bob) = (server.register().await, server.register().await);
    let project = ann.project().await;
    ann.share(project, &bob, "editor").await;
    let task = ann.task(project, json!({"assignee_id": bob.id})).await;
    bob.comment(task).await;
    let of_bob = bob.project().await;
    let assigned = bob.task(of_bob, json!({"assignee_id": ann.id})).await;
    let mut follower = follow(&ann).await;
    bob.erase().await.expect(204);
    let expected = [
        format!("delete member {} deleted", bob.id),
        format!("put task {task}"),
        format!("delete task {assigned} deleted"),
    ];
    follower.sees_at_least(&ann, &expected.each_ref().map(String::as_str)).await;
    eventually("the feed has what is left", async || {
        follower.catch_up(&ann).await;
        let things = followed(follower.things.clone(), &BTreeSet::new());
        things == followed(visible(&ann).await, &BTreeSet::new())
    })
    .await;
}
