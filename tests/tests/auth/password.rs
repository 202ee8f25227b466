//! Password changes.

use fasttrack_tests::{Account, Answer, BARE, Client, PASSWORD, Request, Server, all};
use serde_json::{Value, json};

const ANOTHER: &str = "another horse battery";

async fn exchange(client: &Client, token: &str) -> Answer {
    client.post("/auth/refresh", json!({"refresh_token": token})).await
}

fn change(client: &Client, current: &str, new: &str) -> Request {
    client.post("/auth/password/change", json!({"current_password": current, "new_password": new}))
}

fn log_in(client: &Client, email: &str, password: &str) -> Request {
    client.post("/auth/login", json!({"email": email, "password": password}))
}

#[tokio::test]
async fn password_change_ends_all_other_sessions() {
    let server = Server::shared();
    let (ann, bob) = (server.register().await, server.register().await);
    let others = [ann.log_in_again().await, ann.log_in_again().await];
    let mut socket = others[0].follow(0).await;
    let mine = ann.follow(0).await;
    assert_eq!(change(&ann, PASSWORD, ANOTHER).await.expect(200).data(), Value::Null);

    for other in &others {
        other.get("/auth/me").await.refused(401, "token_revoked");
        exchange(other, &other.refresh_token).await.refused(401, "invalid_refresh_token");
    }
    assert_eq!(socket.closed().await, Some(4401));
    for kept in [&ann, &bob] {
        kept.get("/auth/me").await.expect(200);
        exchange(kept, &kept.refresh_token).await.expect(200);
    }
    mine.close().await;
    log_in(&ann, &ann.email, PASSWORD).await.refused(401, "invalid_credentials");
    log_in(&ann, &ann.email, ANOTHER).await.expect(200);
    assert_eq!(change(&ann, ANOTHER, PASSWORD).accept(BARE).await.expect(200).body, "null");
}

#[tokio::test]
async fn password_change_needs_current_password() {
    let server = Server::shared();
    let ann = server.register().await;
    let other = ann.log_in_again().await;
    for wrong in [ANOTHER, "", &PASSWORD.to_uppercase(), &format!("{PASSWORD} ")] {
        let answer = change(&ann, wrong, ANOTHER).await.refused(401, "invalid_credentials");
        assert_eq!(answer.header("www-authenticate"), Some("Bearer"));
    }
    other.get("/auth/me").await.expect(200);
    ann.log_in_again().await;
    change(&server.anonymous(), PASSWORD, ANOTHER).await.refused(401, "token_missing");
}

#[tokio::test]
async fn new_password_is_validated() {
    let server = Server::shared();
    let ann = server.register().await;
    for wrong in ["sesame", &"é".repeat(7), &"x".repeat(129), "sesame\0sesame"] {
        change(&ann, PASSWORD, wrong).await.invalid(&["new_password"]);
        // That the current one is wrong is found out later.
        change(&ann, "wrong", wrong).await.invalid(&["new_password"]);
    }
    let send = |body: Value| ann.post("/auth/password/change", body);
    send(json!({})).await.invalid(&["current_password", "new_password"]);
    send(json!({"current_password": null, "new_password": 7})).await.invalid(&["current_password", "new_password"]);
    send(json!({"current_password": "\0", "new_password": ANOTHER})).await.invalid(&["current_password"]);
    let foreign = json!({"current_password": PASSWORD, "new_password": ANOTHER, "email": ann.email});
    send(foreign).await.invalid(&["email"]);
    let longest = "漢".repeat(128);
    change(&ann, PASSWORD, &longest).await.expect(200);
    // Of which every character counts.
    log_in(&ann, &ann.email, &format!("{}字", "漢".repeat(127))).await.refused(401, "invalid_credentials");
    log_in(&ann, &ann.email, &longest).await.expect(200);
}

#[tokio::test]
async fn one_of_concurrent_password_changes_succeeds() {
    let server = Server::shared();
    let ann = server.register().await;
    let mut sessions = Vec::new();
    for _ in 0..10 {
        sessions.push(ann.log_in_again().await);
    }
    let passwords: Vec<_> = (0..10).map(|n| format!("{ANOTHER} {n}")).collect();
    let requests = sessions.iter().zip(&passwords).map(|(session, new)| {
        let (request, session, new) = (change(session, PASSWORD, new), session.clone(), new.clone());
        Box::pin(async move { (request.await, session, new) })
    });
    let (won, lost): (Vec<_>, Vec<_>) = all(requests).await.into_iter().partition(|(answer, ..)| answer.status == 200);
    let [(_, winner, password)] = won.try_into().unwrap();
    for (answer, session, _) in lost {
        // Who came when it was over has no session any more.
        assert!(["invalid_credentials", "token_revoked"].contains(&answer.code().as_str()), "{answer:#?}");
        session.get("/auth/me").await.refused(401, "token_revoked");
    }
    winner.get("/auth/me").await.expect(200);
    Account::log_in(&server.anonymous(), &ann.email, &password).await;
}

#[tokio::test]
async fn no_concurrent_login_outlives_password_change() {
    let server = Server::shared();
    for _ in 0..3 {
        let ann = server.register().await;
        let logins = (0..16).map(|_| log_in(&ann, &ann.email, PASSWORD));
        let (changed, logins) = tokio::join!(change(&ann, PASSWORD, ANOTHER).into_future(), all(logins));
        changed.expect(200);
        for login in logins {
            if login.status == 200 {
                let tokens = login.data();
                let [access, refresh] = ["access_token", "refresh_token"].map(|name| tokens[name].as_str().unwrap());
                ann.with_token(access).get("/auth/me").await.refused(401, "token_revoked");
                exchange(&ann, refresh).await.refused(401, "invalid_refresh_token");
            } else {
                login.refused(401, "invalid_credentials");
            }
        }
        assert_eq!(ann.get("/auth/sessions").await.expect(200).items().len(), 1);
    }
}
