//! Revocation applies on other nodes within a second.

use super::{on, two};
use fasttrack_testkit::postgres::Cluster;
use fasttrack_tests::{Account, Installation, Server, all, eventually, jwt};
use serde_json::{Value, json};
use std::time::Instant;

const ANOTHER: &str = "another horse battery";

async fn exchange(account: &Account) -> fasttrack_tests::Answer {
    account.post("/auth/refresh", json!({"refresh_token": account.refresh_token})).await
}

/// Waits until a node refuses the access token, and returns how long that took.
async fn heard(what: &str, elsewhere: &Account) {
    let begin = Instant::now();
    eventually(what, async || elsewhere.get("/auth/me").await.status == 401).await;
    println!("{what}: heard after {:?}", begin.elapsed());
    elsewhere.get("/auth/me").await.refused(401, "token_revoked");
}

/// A session that both nodes have cached, as a client of each.
async fn known_to_both(here: &Server, there: &Server) -> [Account; 2] {
    let ann = here.register().await;
    let elsewhere = on(there, &ann).await;
    [ann, elsewhere]
}

#[tokio::test]
async fn logout_applies_on_the_other_node() {
    let [here, there] = two();
    let [ann, elsewhere] = known_to_both(&here, &there).await;
    ann.log_out().await.expect(200);
    ann.get("/auth/me").await.refused(401, "token_revoked");
    exchange(&elsewhere).await.refused(401, "invalid_refresh_token");
    heard("a logout", &elsewhere).await;
}

#[tokio::test]
async fn admin_changes_to_user_apply_on_the_other_node() {
    let [here, there] = two();
    let admin = here.admin().await;
    let refreshed: [(Value, u16); 2] = [(json!({"role": "admin"}), 200), (json!({"is_active": false}), 401)];
    for (change, status) in refreshed {
        let [ann, elsewhere] = known_to_both(&here, &there).await;
        admin.patch(format!("/users/{}", ann.id), change.clone()).await.expect(200);
        ann.get("/auth/me").await.refused(401, "token_revoked");
        heard(&change.to_string(), &elsewhere).await;
        exchange(&elsewhere).await.expect(status);
    }
}

#[tokio::test]
async fn set_password_by_cli_applies_on_both_nodes() {
    let [here, there] = two();
    let sessions = known_to_both(&here, &there).await;
    let set = here.installation().command(["user", "set-password", "--email", &sessions[0].email]);
    set.input(ANOTHER).run().await.succeeded();
    for session in &sessions {
        exchange(session).await.refused(401, "invalid_refresh_token");
        heard("set-password", session).await;
    }
    Account::log_in(&there.anonymous(), &sessions[0].email, ANOTHER).await;
}

#[tokio::test]
async fn one_of_concurrent_refreshes_on_two_nodes_succeeds() {
    let [here, there] = two();
    for _ in 0..3 {
        let [ann, elsewhere] = known_to_both(&here, &there).await;
        let body = json!({"refresh_token": ann.refresh_token});
        let clients = [here.anonymous(), there.anonymous()];
        let answers = all((0..20).map(|n| clients[n % 2].post("/auth/refresh", body.clone()))).await;
        let (won, lost): (Vec<_>, Vec<_>) = answers.into_iter().partition(|answer| answer.status == 200);
        assert_eq!((won.len(), lost.len()), (1, 19));
        for answer in lost {
            answer.refused(401, "refresh_token_reused");
        }
        let tokens = won[0].data();
        for client in &clients {
            let next = client.with_token(tokens["access_token"].as_str().unwrap());
            let refresh = json!({"refresh_token": tokens["refresh_token"]});
            next.post("/auth/refresh", refresh).await.refused(401, "invalid_refresh_token");
            eventually("the winner's token is revoked", async || next.get("/auth/me").await.status == 401).await;
            next.get("/auth/me").await.refused(401, "token_revoked");
        }
        for session in [ann, elsewhere] {
            heard("reuse", &session).await;
        }
    }
}

#[tokio::test]
async fn concurrent_logouts_apply_on_both_nodes() {
    let [here, there] = two();
    let ann = here.register().await;
    let sessions = all((0..16).map(|_| {
        let ann = ann.clone();
        Box::pin(async move { ann.log_in_again().await })
    }))
    .await;
    let mut pairs = Vec::new();
    for session in sessions {
        pairs.push([on(&here, &session).await, on(&there, &session).await]);
    }
    let ended = all(pairs.iter().enumerate().map(|(n, pair)| pair[n % 2].log_out())).await;
    for answer in ended {
        answer.expect(200);
    }
    for session in pairs.iter().flatten() {
        heard("one of many logouts", session).await;
    }
    ann.get("/auth/me").await.expect(200);
}

#[tokio::test]
async fn lost_blocklist_entry_revives_no_token() {
    let [here, there] = two();
    let [ann, elsewhere] = known_to_both(&here, &there).await;
    ann.log_out().await.expect(200);
    heard("a logout", &elsewhere).await;
    here.installation().sql("DELETE FROM revocations");
    let third = here.installation().start();
    for node in [&here, &there, &third] {
        ann.on(node).get("/auth/me").await.refused(401, "token_revoked");
    }
}

#[tokio::test]
async fn token_issued_after_copy_is_invalid_on_the_copy() {
    let cluster = Cluster::shared().unwrap();
    let before = cluster.create_database();
    let installation = Installation::on(before.url());
    let server = installation.start();
    let ann = server.register().await;
    assert!(server.stop().await.success());
    let copy = cluster.copy_database(&before);

    let server = installation.start();
    let bob = server.register().await;
    assert!(server.stop().await.success());

    let server = installation.with("DATABASE_URL", copy.url()).start();
    let carol = server.register().await;
    let sid = |account: &Account| jwt::claims(&account.access_token)["sid"].clone();
    assert_eq!((carol.id, sid(&carol)), (bob.id, sid(&bob)), "they have the same ids");
    bob.on(&server).get("/auth/me").await.refused(401, "token_revoked");
    exchange(&bob.on(&server)).await.refused(401, "invalid_refresh_token");
    ann.on(&server).get("/auth/me").await.expect(200);
    carol.get("/auth/me").await.expect(200);
}
