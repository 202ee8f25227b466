//! The list of a user's sessions, and their revocation.

use chrono::TimeDelta;
use fasttrack_tests::{Account, Answer, Client, Installation, MISSING, PASSWORD, Server, has_fields, jwt, timestamp};
use serde_json::{Value, json};

async fn exchange(client: &Client, token: &str) -> Answer {
    client.post("/auth/refresh", json!({"refresh_token": token})).await
}

/// The current session, as `/auth/sessions` lists it.
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
async fn session_has_times_client_and_user_agent() {
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
async fn only_own_active_sessions_are_listed() {
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
async fn session_list_is_paginated() {
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
async fn revoked_session_ends_at_once_and_others_stay() {
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
async fn current_session_can_be_revoked() {
    let server = Server::shared();
    let ann = server.register().await;
    ann.delete(path(&ann).await).await.expect(204);
    ann.get("/auth/me").await.refused(401, "token_revoked");
    ann.log_in_again().await;
}

#[tokio::test]
async fn session_of_another_user_cannot_be_revoked() {
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

#[tokio::test]
async fn session_over_limit_of_50_ends_the_oldest() {
    let server = Server::shared();
    let (first, bob) = (server.register().await, server.register().await);
    let second = first.log_in_again().await;
    let mut socket = first.follow(0).await;
    for _ in 2..50 {
        let body = json!({"email": first.email, "password": PASSWORD});
        server.anonymous().post("/auth/login", body).await.expect(200);
    }
    first.get("/auth/me").await.expect(200);
    let last = second.log_in_again().await;
    first.get("/auth/me").await.refused(401, "token_revoked");
    exchange(&first, &first.refresh_token).await.refused(401, "invalid_refresh_token");
    assert_eq!(socket.closed().await, Some(4401));
    assert_eq!(last.get("/auth/sessions?limit=100").await.expect(200).items().len(), 50);
    second.get("/auth/me").await.expect(200);
    bob.get("/auth/me").await.expect(200);
}

#[tokio::test]
async fn session_ends_after_configured_days() {
    const DAY: u64 = 86_400;
    let server = Installation::new().with("SESSION_MAX_DAYS", "1").start();
    let ann = server.register().await;
    let lifetime = |token: &str| {
        let claims = jwt::claims(token);
        claims["exp"].as_u64().unwrap() - claims["iat"].as_u64().unwrap()
    };
    assert_eq!((lifetime(&ann.access_token), lifetime(&ann.refresh_token)), (900, DAY));

    let earlier = |seconds: u64| {
        let span = if server.installation().is_on_postgres() {
            format!("INTERVAL '{seconds} seconds'")
        } else {
            format!("{seconds}000000")
        };
        server.installation().sql(&format!("UPDATE sessions SET created_at = created_at - {span}"));
    };
    earlier(DAY - 100);
    let tokens = exchange(&ann, &ann.refresh_token).await.expect(200).data();
    let late = Account::from_tokens(&server.anonymous(), &tokens).await;
    for token in [&late.access_token, &late.refresh_token] {
        assert!(lifetime(token) <= 100, "{}", lifetime(token));
    }
    assert_eq!(tokens["expires_in"], lifetime(&late.access_token));
    earlier(100);
    exchange(&late, &late.refresh_token).await.refused(401, "invalid_refresh_token");
    exchange(&late, &late.refresh_token).await.refused(401, "refresh_token_reused");
}

#[tokio::test]
async fn surplus_sessions_of_former_release_end_at_once() {
    let server = Server::start();
    let (ann, bob) = (server.register().await, server.register().await);
    let (begin, end) = if server.installation().is_on_postgres() {
        ("to_timestamp(0)", "to_timestamp(4102444800)")
    } else {
        ("0", "4102444800000000")
    };
    let many = |user: i64| {
        server.installation().sql(&format!(
            "WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < 20000)
                INSERT INTO sessions (user_id, created_at, last_used_at, expires_at)
                SELECT {user}, {begin}, {begin}, {end} FROM numbers"
        ));
    };
    many(ann.id);
    many(bob.id);
    let change = json!({"current_password": PASSWORD, "new_password": "another horse battery"});
    ann.post("/auth/password/change", change).await.expect(200);
    assert_eq!(ann.get("/auth/sessions?limit=100").await.expect(200).items(), [current(&ann).await]);
    bob.get("/auth/me").await.expect(200);

    let again = bob.log_in_again().await;
    assert_eq!(again.get("/auth/sessions?limit=100").await.expect(200).items().len(), 50);
    bob.get("/auth/me").await.refused(401, "token_revoked");
}
