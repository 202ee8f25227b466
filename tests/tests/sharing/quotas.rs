//! At most 500 members and 100 open invitations.

use super::{Mailing, part};
use fasttrack_tests::{Account, Answer, Installation, Server, all, unique_email};
use serde_json::json;

/// Inserts this many users and returns their ids.
async fn users(admin: &Account, installation: &Installation, count: usize) -> Vec<i64> {
    let moment = if installation.is_on_postgres() { "to_timestamp(0)" } else { "0" };
    installation.sql(&format!(
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {count})
         INSERT INTO users (email, display_name, role, is_active, token_epoch, created_at, updated_at, version)
         SELECT i || '@example.org', 'User', 'user', TRUE, 0, {moment}, {moment}, 1 FROM n"
    ));
    let (mut ids, mut query) = (Vec::new(), String::new());
    loop {
        let page = admin.get(format!("/people?limit=100{query}")).await.expect(200);
        ids.extend(page.items().iter().filter(|item| item["display_name"] == "User").map(|item| item["id"].as_i64()));
        let Some(cursor) = page.data()["next_cursor"].as_str().map(str::to_owned) else { break };
        query = format!("&cursor={cursor}");
    }
    assert_eq!(ids.len(), count);
    ids.into_iter().flatten().collect()
}

/// Fails unless the error states the limit and the remedy.
#[track_caller]
fn full(answer: Answer, limit: &str) {
    let answer = answer.refused(409, "quota_exceeded");
    let message = answer.json()["error"]["message"].to_string();
    assert!(message.contains(limit) && message.contains("delete"), "{message}");
}

#[tokio::test]
async fn project_has_at_most_500_members_besides_its_owner() {
    let mailing = Mailing::start();
    let (ann, bob, admin) =
        (mailing.server.register().await, mailing.server.register().await, mailing.server.admin().await);
    let project = ann.project().await;
    let put = |user: i64, role: &str| ann.put(format!("/projects/{project}/members/{user}"), json!({"role": role}));
    let users = users(&admin, mailing.server.installation(), 510).await;
    for some in users[..490].chunks(10) {
        for answer in all(some.iter().map(|id| put(*id, "viewer"))).await {
            answer.expect(201);
        }
    }
    // Ten places, and twenty who want one.
    let (added, refused) = part(all(users[490..].iter().map(|id| put(*id, "viewer"))).await, 201);
    assert_eq!((added.len(), refused.len()), (10, 10));
    for answer in refused {
        full(answer, "500 members");
    }
    full(put(bob.id, "editor").await, "500 members");
    put(users[0], "editor").await.expect(200);

    // A token isn't used up by a project that is full.
    let token = mailing.invitation(&ann, project, "editor").await;
    full(bob.accept(&token).await, "500 members");
    ann.delete(format!("/projects/{project}/members/{}", users[0])).await.expect(204);
    bob.accept(&token).await.expect(200);
    full(put(users[0], "viewer").await, "500 members");
    // Transferring makes no difference.
    ann.post(format!("/projects/{project}/transfer"), json!({"user_id": bob.id})).await.expect(200);
    let put = bob.put(format!("/projects/{project}/members/{}", users[0]), json!({"role": "viewer"}));
    full(put.await, "500 members");
    bob.remove(project, &ann).await;
    bob.put(format!("/projects/{project}/members/{}", users[0]), json!({"role": "viewer"})).await.expect(201);
}

#[tokio::test]
async fn project_has_at_most_100_open_invitations() {
    let server = Server::start();
    let ann = server.register().await;
    let (project, another) = (ann.project().await, ann.project().await);
    let path = format!("/projects/{project}/invitations");
    let invite = |email: String| ann.post(&path, json!({"email": email, "role": "viewer"}));
    let guests: Vec<_> = (0..110).map(|_| unique_email("guest")).collect();
    for some in guests[..90].chunks(10) {
        for answer in all(some.iter().map(|guest| invite(guest.clone()))).await {
            answer.expect(201);
        }
    }
    let (created, refused) = part(all(guests[90..].iter().map(|guest| invite(guest.clone()))).await, 201);
    assert_eq!((created.len(), refused.len()), (10, 10));
    for answer in refused {
        full(answer, "100 open invitations");
    }
    // One that takes another's place needs none, and other projects have their own.
    invite(guests[0].clone()).await.expect(201);
    ann.invite(another, &guests[0], "viewer").await;
    full(invite(unique_email("guest")).await, "100 open invitations");
    let open = ann.get(format!("{path}?limit=100")).await.expect(200);
    assert_eq!((open.ids().len(), &open.data()["has_more"]), (100, &json!(false)));

    ann.delete(format!("{path}/{}", open.ids()[0])).await.expect(204);
    invite(unique_email("guest")).await.expect(201);
    full(invite(unique_email("guest")).await, "100 open invitations");
    // An expired one is not open, whether it was deleted or not.
    let (installation, id) = (server.installation(), open.ids()[1]);
    let past = if installation.is_on_postgres() { "to_timestamp(0)" } else { "0" };
    installation.sql(&format!("UPDATE invitations SET expires_at = {past} WHERE id = {id}"));
    invite(unique_email("guest")).await.expect(201);
    full(invite(unique_email("guest")).await, "100 open invitations");
}

#[tokio::test]
async fn one_address_gets_at_most_100_invitations_a_day() {
    let mailing = Mailing::start();
    let guest = unique_email("flooded");
    // Also where two owners share the flood.
    let owners = [mailing.server.register().await, mailing.server.register().await];
    let projects = [owners[0].project().await, owners[1].project().await];
    for n in 1..=100 {
        owners[n % 2].invite(projects[n % 2], &guest, "viewer").await;
        mailing.mailbox.wait_for(&guest, n).await;
    }
    let last = mailing.mailbox.token(&guest, 100).await;
    owners[1].invite(projects[1], &guest, "viewer").await;
    // Another address still gets its mail.
    let other = unique_email("other");
    owners[1].invite(projects[1], &other, "viewer").await;
    mailing.mailbox.wait_for(&other, 1).await;
    assert_eq!(mailing.mailbox.mails(&guest).len(), 100);
    let bob = mailing.server.register().await;
    bob.accept(&last).await.expect(200);
}
