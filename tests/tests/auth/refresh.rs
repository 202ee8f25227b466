use fasttrack_tests::{
    Account, Answer, BARE, Client, Installation, Server, all, has_fields,
    jwt::{self, Forge},
};
use serde_json::{Value, json};
use std::time::Duration;

async fn exchange(client: &Client, token: &str) -> Answer {
    client.post("/auth/refresh", json!({"refresh_token": token})).await
}

#[tokio::test]
async fn refresh_returns_new_pair_of_same_session() {
    let server = Server::shared();
    let ann = server.register().await;
    let body = json!({"refresh_token": ann.refresh_token});
    let tokens = server.anonymous().post("/auth/refresh", body).accept(BARE).await.expect(200).json();
    has_fields(&tokens, &["access_token", "refresh_token", "token_type", "expires_in"]);
    assert_eq!((&tokens["token_type"], &tokens["expires_in"]), (&json!("bearer"), &json!(900)));

    let next = Account::from_tokens(&server.anonymous(), &tokens).await;
    assert_eq!(next.id, ann.id);
    for (old, new) in [(&ann.access_token, &next.access_token), (&ann.refresh_token, &next.refresh_token)] {
        assert_eq!(jwt::claims(old)["sid"], jwt::claims(new)["sid"]);
        assert_ne!(jwt::claims(old)["jti"], jwt::claims(new)["jti"]);
    }
    // An access token lives until it expires, also where a newer one was given out.
    ann.get("/auth/me").await.expect(200);
    exchange(&ann, &next.refresh_token).await.expect(200);
}

#[tokio::test]
async fn refresh_reuse_revokes_session() {
    let server = Server::shared();
    let ann = server.register().await;
    let elsewhere = ann.log_in_again().await;
    let tokens = exchange(&ann, &ann.refresh_token).await.expect(200).data();
    let next = Account::from_tokens(&server.anonymous(), &tokens).await;

    exchange(&ann, &ann.refresh_token).await.refused(401, "refresh_token_reused");
    exchange(&ann, &next.refresh_token).await.refused(401, "invalid_refresh_token");
    ann.get("/auth/me").await.refused(401, "token_revoked");
    next.get("/auth/me").await.refused(401, "token_revoked");

    elsewhere.get("/auth/me").await.expect(200);
    exchange(&elsewhere, &elsewhere.refresh_token).await.expect(200);
}

#[tokio::test]
async fn one_of_concurrent_refreshes_succeeds() {
    let server = Server::shared();
    for _ in 0..3 {
        let ann = server.register().await;
        let body = json!({"refresh_token": ann.refresh_token});
        let client = server.anonymous();
        let answers = all((0..20).map(|_| client.post("/auth/refresh", body.clone()))).await;
        let (won, lost): (Vec<_>, Vec<_>) = answers.into_iter().partition(|answer| answer.status == 200);
        assert_eq!((won.len(), lost.len()), (1, 19));
        for answer in lost {
            answer.refused(401, "refresh_token_reused");
        }
        let tokens = won[0].data();
        exchange(&client, tokens["refresh_token"].as_str().unwrap()).await.refused(401, "invalid_refresh_token");
        let next = client.with_token(tokens["access_token"].as_str().unwrap());
        next.get("/auth/me").await.refused(401, "token_revoked");
        ann.get("/auth/me").await.refused(401, "token_revoked");
    }
}

#[tokio::test]
async fn refresh_reuse_within_leeway_returns_another_pair() {
    let server = Installation::new().with("AUTH_REFRESH_REUSE_LEEWAY_SECONDS", "60").start();
    let ann = server.register().await;
    let client = server.anonymous();
    let body = json!({"refresh_token": ann.refresh_token});
    let answers = all((0..5).map(|_| client.post("/auth/refresh", body.clone()))).await;
    let mut spent = Vec::new();
    for answer in answers {
        let tab = Account::from_tokens(&client, &answer.expect(200).data()).await;
        assert_eq!(jwt::claims(&tab.access_token)["sid"], jwt::claims(&ann.access_token)["sid"]);
        assert!(!spent.contains(&tab.refresh_token));
        exchange(&client, &tab.refresh_token).await.expect(200);
        spent.push(tab.refresh_token);
    }
    // A logout ends them all, leeway or not.
    ann.log_out().await.expect(200);
    exchange(&client, &ann.refresh_token).await.expect(401);
    exchange(&client, &spent[0]).await.expect(401);
}

#[tokio::test]
async fn invalid_refresh_token_is_refused() {
    let (server, other) = (Server::shared(), Installation::empty().start());
    let ann = server.register().await;
    let stranger = other.register().await;
    let forge = || Forge::new(&server, &ann.refresh_token);
    let tokens = [
        String::new(),
        "x".to_owned(),
        "a.b.c".to_owned(),
        ann.access_token.clone(),
        stranger.refresh_token.clone(),
        forge().unsigned(),
        forge().sign_with_public_key(&ann).await,
        forge().expired(Duration::from_secs(1)).sign(),
        forge().claim("jti", "unknown").sign(),
        forge().claim("sid", "999999999").sign(),
        forge().claim("type", "access").sign(),
        forge().claim("iss", "somebody else").sign(),
    ];
    for token in tokens {
        let answer = exchange(&server.anonymous(), &token).await;
        assert_eq!(answer.code(), "invalid_refresh_token", "{token}: {answer:#?}");
        answer.refused(401, "invalid_refresh_token");
    }
    // None of it has harmed the session.
    exchange(&ann, &ann.refresh_token).await.expect(200);
}

#[tokio::test]
async fn invalid_refresh_body_is_refused() {
    let server = Server::shared();
    let client = server.anonymous();
    for wrong in [Value::Null, json!(7), json!("a\u{0}b"), json!(["x"])] {
        client.post("/auth/refresh", json!({"refresh_token": wrong})).await.invalid(&["refresh_token"]);
    }
    client.post("/auth/refresh", json!({})).await.invalid(&["refresh_token"]);
    client.post("/auth/refresh", json!({"refresh_token": "x", "role": "admin"})).await.invalid(&["role"]);
}
