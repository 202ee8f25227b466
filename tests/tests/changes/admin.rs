//! Administrators, whose feed has everything.

use super::{cursor, follow};
use fasttrack_tests::Server;
use serde_json::json;

#[tokio::test]
async fn feed_of_an_administrator_has_every_project() {
    // An administrator sees what other tests do.
    let server = Server::start();
    let (ann, bob, admin) = (server.register().await, server.register().await, server.admin().await);
    let first = ann.project().await;
    let mut follower = follow(&admin).await;
    assert_eq!(follower.things[&("project".to_owned(), first, 0)]["role"], "admin");
    let email = &follower.things[&("member".to_owned(), ann.id, first)]["email"];
    assert_eq!(*email, ann.email);

    let task = ann.task(first, json!({"assignee_id": bob.id})).await;
    follower.sees(&admin, &[&format!("put task {task}")]).await;
    let second = bob.project().await;
    follower.sees(&admin, &[&format!("put project {second}"), &format!("put member {}", bob.id)]).await;
    ann.delete(format!("/projects/{first}")).await.expect(204);
    follower.sees(&admin, &[&format!("delete project {first} deleted")]).await;
    assert!(follower.things.values().all(|thing| thing["of_project"] != first));
}

#[tokio::test]
async fn cursor_of_another_role_is_expired() {
    let server = Server::start();
    let (ann, admin, other) = (server.register().await, server.admin().await, server.admin().await);
    let (of_ann, of_other) = (cursor(&ann, "").await, cursor(&other, "").await);
    for (account, since, role) in [(&ann, of_ann, "admin"), (&other, of_other, "user")] {
        admin.patch(format!("/users/{}", account.id), json!({"role": role})).await.expect(200);
        let account = account.log_in_again().await;
        account.get(format!("/changes?since={since}")).await.refused(410, "cursor_expired");
        account.get("/changes").await.expect(200);
    }
}
