//! Where a user is logged in.

use chrono::TimeDelta;
use fasttrack_tests::{Account, Answer, Client, MISSING, PASSWORD, Server, has_fields, timestamp};
use serde_json::{Value, json};

async fn exchange(client: &Client, token: &str) -> Answer {
    client.post("/auth/refresh", json!({"refresh_token": token})).await
}

/// The session that the account is in.
async fn current(account: &Account) -> Value {
    let sessions = account.get("/auth/sessions").await.expect(200).items();
    let [current] =
        sessions.into_iter().filter(|session| session["current"] == true).collect::<Vec<_>>().try_into().unwrap();
    current
}

async fn path(account: &Account) -> String {
    format!("/auth/sessions/{}", current(account).await["id"])
}

#[tokio::test]
async fn a_session_says_when_and_where_it_began_and_goes_on() {
    let server = Server::shared();
    let ann = server.register().await;
    let login = server.anonymous().post("/auth/login", json!({"email": ann.email, "password": PASSWORD}));
    let tokens = login.header("user-agent", "Garden/1.0 (é)").await.expect(200).data();
    let phone = Account::from_tokens(&server.anonymous(), &tokens).await;

    let page = phone.get("/auth/sessions").await.expect(200).data();
    has_fields(&page, &["items", "next_cursor", "has_more"]);
    let [new, old] = page["items"].as_array().unwrap().clone().try_into().unwrap();
    has_fields(&new, &["id", "created_at", "last_used_at", "expires_at", "ip", "user_agent", "current"]);
    assert!(new["id"].as_i64() > old["id"].as_i64(), "the newest first");
    assert_eq!((&new["current"], &old["current"]), (&json!(true), &json!(false)));
    assert_eq!((&new["ip"], &old["user_agent"]), (&json!("127.0.0.1"), &Value::Null));
    assert_eq!(new["created_at"], new["last_used_at"]);
    // That of a token, which counts whole seconds.
    let lifetime = timestamp(&new["expires_at"]) - timestamp(&new["created_at"]) + TimeDelta::seconds(1);
    assert_eq!(lifetime.num_days(), 7);

    let tokens = phone.post("/auth/refresh", json!({"refresh_token": phone.refresh_token}));
    let tokens = tokens.header("user-agent", "Garden/2.0").await.expect(200).data();
    let later = current(&Account::from_tokens(&server.anonymous(), &tokens).await).await;
    assert_eq!((&later["id"], &later["created_at"]), (&new["id"], &new["created_at"]));
    assert_eq!(later["user_agent"], "Garden/2.0");
    assert!(timestamp(&later["last_used_at"]) > timestamp(&new["last_used_at"]));
    assert!(timestamp(&later["expires_at"]) >= timestamp(&new["expires_at"]));
}

#[tokio::test]
async fn only_live_sessions_of_ones_own_are_listed() {
    let server = Server::shared();
    let (ann, bob) = (server.register().await, server.register().await);
    let (gone, revoked) = (ann.log_in_again().await, ann.log_in_again().await);
    gone.log_out().await.expect(200);
    ann.delete(path(&revoked).await).await.expect(204);
    for account in [&ann, &bob] {
        let listed = account.get("/auth/sessions").await.expect(200).items();
        assert_eq!(listed, [current(account).await]);
    }
}

#[tokio::test]
async fn sessions_come_in_pages() {
    let server = Server::shared();
    let ann = server.register().await;
    let mut ids = vec![current(&ann).await["id"].clone()];
    for _ in 0..4 {
        ids.insert(0, current(&ann.log_in_again().await).await["id"].clone());
    }
    let (mut seen, mut query) = (Vec::new(), String::new());
    loop {
        let page = ann.get(format!("/auth/sessions?limit=2{query}")).await.expect(200).data();
        let items = page["items"].as_array().unwrap();
        seen.extend(items.iter().map(|session| session["id"].clone()));
        assert_eq!(page["has_more"], !page["next_cursor"].is_null());
        let Some(cursor) = page["next_cursor"].as_str() else { break };
        query = format!("&cursor={cursor}");
    }
    assert_eq!(seen, ids);
    ann.get("/auth/sessions?limit=0").await.invalid(&["query.limit"]);
    ann.get("/auth/sessions?cursor=x").await.refused(400, "invalid_cursor");
}

#[tokio::test]
async fn a_revoked_session_is_over_at_once_and_no_other_is() {
    let server = Server::shared();
    let ann = server.register().await;
    let phone = ann.log_in_again().await;
    let mut sockets = [phone.follow(0).await, ann.follow(0).await];
    let path = path(&phone).await;
    assert_eq!(ann.delete(&path).await.expect(204).body, "");

    phone.get("/auth/me").await.refused(401, "token_revoked");
    exchange(&phone, &phone.refresh_token).await.refused(401, "invalid_refresh_token");
    assert_eq!(sockets[0].closed().await, Some(4401));
    ann.delete(&path).await.refused(404, "not_found");
    ann.get("/auth/me").await.expect(200);
    exchange(&ann, &ann.refresh_token).await.expect(200);
    let [_, open] = sockets;
    open.close().await;
}

#[tokio::test]
async fn one_may_revoke_the_session_one_is_in() {
    let server = Server::shared();
    let ann = server.register().await;
    ann.delete(path(&ann).await).await.expect(204);
    ann.get("/auth/me").await.refused(401, "token_revoked");
    ann.log_in_again().await;
}

#[tokio::test]
async fn nobody_revokes_somebody_elses_session() {
    let server = Server::shared();
    let (ann, admin) = (server.register().await, server.admin().await);
    let path = path(&ann).await;
    for other in [&server.register().await, &admin] {
        other.delete(&path).await.refused(404, "not_found");
        other.delete(format!("/auth/sessions/{MISSING}")).await.refused(404, "not_found");
    }
    ann.get("/auth/me").await.expect(200);
    exchange(&ann, &ann.refresh_token).await.expect(200);
    ann.delete("/auth/sessions/first").await.invalid(&["path.id"]);
}
