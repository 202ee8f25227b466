use fasttrack_tests::{Account, BARE, PASSWORD, Server, has_fields, jwt, unique_email};
use serde_json::{Value, json};

#[tokio::test]
async fn login_returns_token_pair() {
    let server = Server::shared();
    let ann = server.register().await;
    let body = json!({"email": format!(" {} ", ann.email.to_uppercase()), "password": PASSWORD});
    let tokens = server.anonymous().post("/auth/login", body).accept(BARE).await.expect(200).json();
    has_fields(&tokens, &["access_token", "refresh_token", "token_type", "expires_in"]);
    assert_eq!(tokens["token_type"], "bearer");
    assert_eq!(tokens["expires_in"], 15 * 60);
    assert_eq!(Account::from_tokens(&server.anonymous(), &tokens).await.id, ann.id);
}

#[tokio::test]
async fn access_token_has_documented_claims() {
    let server = Server::shared();
    let ann = server.register().await;
    let admin = server.admin().await;

    let header = jwt::header(&ann.access_token);
    assert_eq!((&header["alg"], &header["typ"]), (&json!("RS256"), &json!("at+jwt")));
    assert!(jwt::keys(&ann).await.iter().any(|key| key["kid"] == header["kid"]));

    let claims = jwt::claims(&ann.access_token);
    assert_eq!(claims["sub"], ann.id.to_string());
    assert_eq!((&claims["role"], &claims["roles"]), (&json!("user"), &json!(["user"])));
    assert_eq!(claims["type"], "access");
    assert_eq!(claims["exp"].as_i64().unwrap() - claims["iat"].as_i64().unwrap(), 15 * 60);
    for text in ["iss", "aud", "jti"] {
        assert!(claims[text].as_str().is_some_and(|text| !text.is_empty()), "{claims:#}");
    }
    let claims = jwt::claims(&admin.access_token);
    assert_eq!((&claims["role"], &claims["roles"]), (&json!("admin"), &json!(["admin"])));
}

#[tokio::test]
async fn refresh_token_names_session_and_lasts_a_week() {
    let server = Server::shared();
    let ann = server.register().await;
    let again = ann.log_in_again().await;
    let [access, refresh] = [&ann.access_token, &ann.refresh_token].map(|token| jwt::claims(token));
    assert_eq!(refresh["type"], "refresh");
    assert_eq!(refresh["sid"], access["sid"]);
    assert_ne!(refresh["sid"], Value::Null);
    assert_ne!(refresh["jti"], access["jti"]);
    assert_eq!(refresh["exp"].as_i64().unwrap() - refresh["iat"].as_i64().unwrap(), 7 * 24 * 3600);
    assert_ne!(jwt::claims(&again.access_token)["sid"], access["sid"]);
}

#[tokio::test]
async fn refused_login_reveals_no_reason() {
    let server = Server::shared();
    let ann = server.register().await;
    let mut refusals = Vec::new();
    for (email, password) in [
        (ann.email.as_str(), "wrong horse battery"),
        (&ann.email, &PASSWORD.to_uppercase()),
        (&ann.email, &format!(" {PASSWORD}")),
        (&ann.email, "short"),
        (&ann.email, ""),
        (&ann.email, &"x".repeat(10_000)),
        (&unique_email("nobody"), PASSWORD),
        ("no address", PASSWORD),
        ("", PASSWORD),
    ] {
        let body = json!({"email": email, "password": password});
        let answer = server.anonymous().post("/auth/login", body).await.refused(401, "invalid_credentials");
        refusals.push(answer.json()["error"].clone());
    }
    refusals.dedup();
    assert_eq!(refusals.len(), 1, "{refusals:#?}");
}

#[tokio::test]
async fn long_password_counts_to_last_byte() {
    let server = Server::shared();
    let client = server.anonymous();
    for length in [71, 72, 73, 128] {
        let email = unique_email("long");
        let password = "x".repeat(length);
        client.post("/auth/register", json!({"email": email, "password": password})).await.expect(201);
        for wrong in [format!("{}y", &password[1..]), password[1..].to_owned(), format!("{password}x")] {
            let body = json!({"email": email, "password": wrong});
            client.post("/auth/login", body).await.refused(401, "invalid_credentials");
        }
        Account::log_in(&client, &email, &password).await;
    }
}

#[tokio::test]
async fn invalid_login_body_is_refused() {
    let server = Server::shared();
    let client = server.anonymous();
    client.post("/auth/login", json!({})).await.invalid(&["email", "password"]);
    client.post("/auth/login", json!({"email": 1, "password": null})).await.invalid(&["email", "password"]);
    let nul = json!({"email": "a\u{0}@example.org", "password": "12345678\u{0}"});
    client.post("/auth/login", nul).await.invalid(&["email", "password"]);
    let more = json!({"email": "a@example.org", "password": PASSWORD, "remember": true});
    client.post("/auth/login", more).await.invalid(&["remember"]);
}

#[tokio::test]
async fn disabled_account_is_revealed_only_with_password() {
    let server = Server::shared();
    let (ann, admin) = (server.register().await, server.admin().await);
    admin.patch(format!("/users/{}", ann.id), json!({"is_active": false})).await.expect(200);
    let login = |password: &str| {
        let body = json!({"email": ann.email, "password": password});
        server.anonymous().post("/auth/login", body)
    };
    login(PASSWORD).await.refused(403, "account_disabled");
    login("wrong horse battery").await.refused(401, "invalid_credentials");
    admin.patch(format!("/users/{}", ann.id), json!({"is_active": true})).await.expect(200);
    login(PASSWORD).await.expect(200);
}

#[tokio::test]
async fn login_secrets_are_not_logged() {
    let server = Server::start();
    let ann = server.register().await;
    ann.get("/auth/me").await.expect(200);
    let body = json!({"email": ann.email, "password": "wrong horse battery"});
    server.anonymous().post("/auth/login", body).await.expect(401);
    server.anonymous().post("/auth/refresh", json!({"refresh_token": ann.refresh_token})).await.expect(200);
    server.anonymous().post("/auth/refresh", json!({"refresh_token": ann.refresh_token})).await.expect(401);
    let log = server.log();
    for secret in [PASSWORD, "wrong horse battery", &ann.access_token, &ann.refresh_token, "$2b$", "PRIVATE KEY"] {
        assert!(!log.contains(secret), "{secret} in:\n{log}");
    }
}
