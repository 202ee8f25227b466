//! Signing keys, their algorithms and their rotation.

use fasttrack_tests::{Account, Installation, Server, jwt};
use serde_json::json;
use std::{fs, os::unix::fs::PermissionsExt};

#[tokio::test]
async fn jwks_is_bare_cacheable_and_has_no_private_part() {
    let server = Server::shared();
    let answer = server.anonymous().get("/.well-known/jwks.json").await.expect(200);
    let cache = answer.header("cache-control").unwrap();
    assert!(cache.contains("max-age=") && !cache.contains("no-store"), "{cache}");
    let document = answer.json();
    let keys = document["keys"].as_array().unwrap();
    assert_eq!(keys.len(), 1, "{document:#}");
    let key = &keys[0];
    assert_eq!((&key["kty"], &key["alg"], &key["use"]), (&json!("RSA"), &json!("RS256"), &json!("sig")));
    for public in ["kid", "n", "e"] {
        assert!(key[public].is_string(), "{key:#}");
    }
    for private in ["d", "p", "q", "dp", "dq", "qi", "k"] {
        assert!(key.get(private).is_none(), "{private}");
    }
}

#[tokio::test]
async fn first_start_creates_key_readable_by_owner_only() {
    let installation = Installation::empty();
    let server = installation.start();
    let path = installation.path("jwt_private_key.pem");
    assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    let made = fs::read_to_string(&path).unwrap();
    assert_eq!(server.stop().await.code(), Some(0));
    drop(installation.start());
    assert_eq!(fs::read_to_string(&path).unwrap(), made);
}

#[tokio::test]
async fn key_determines_signing_algorithm() {
    for (algorithm, kty) in [("RS256", "RSA"), ("ES256", "EC"), ("EdDSA", "OKP")] {
        let installation = Installation::new();
        let path = installation.generate_key(algorithm).await;
        let server = installation.with("JWT_PRIVATE_KEY_FILE", path.to_str().unwrap()).start();
        let ann = server.register().await;
        let header = jwt::header(&ann.access_token);
        assert_eq!(header["alg"], algorithm);
        let keys = jwt::keys(&ann).await;
        assert_eq!((&keys[0]["kty"], &keys[0]["kid"]), (&json!(kty), &header["kid"]));
        assert!(keys[0].get("d").is_none());
        let refresh = json!({"refresh_token": ann.refresh_token});
        ann.post("/auth/refresh", refresh).await.expect(200);
    }
}

#[tokio::test]
async fn shared_secret_signs_and_is_never_published() {
    let secret = "a secret of more than thirty-two bytes";
    let installation = Installation::new().with("SECRET_KEY", secret).with("JWT_ALGORITHM", "HS256");
    let server = installation.start();
    let ann = server.register().await;
    assert_eq!(jwt::header(&ann.access_token)["alg"], "HS256");
    assert!(jwt::keys(&ann).await.is_empty());
    assert!(!server.log().contains(secret));
}

#[tokio::test]
async fn retired_key_verifies_while_configured() {
    let installation = Installation::new();
    let (old, new) = (installation.generate_key("RS256").await, installation.generate_key("EdDSA").await);
    let (old, new) = (old.to_str().unwrap(), new.to_str().unwrap());
    let server = installation.clone().with("JWT_PRIVATE_KEY_FILE", old).start();
    let ann = server.register().await;
    assert_eq!(server.stop().await.code(), Some(0));

    let rotated = installation.with("JWT_PRIVATE_KEY_FILE", new);
    let server = rotated.clone().with("JWT_VERIFICATION_KEY_FILES", old).start();
    let client = server.anonymous();
    client.with_token(&ann.access_token).get("/auth/me").await.expect(200);
    let tokens = client.post("/auth/refresh", json!({"refresh_token": ann.refresh_token})).await.expect(200).data();
    let next = Account::from_tokens(&client, &tokens).await;
    let keys = jwt::keys(&client).await;
    assert_eq!(keys.len(), 2);
    for token in [&ann.access_token, &next.access_token] {
        assert!(keys.iter().any(|key| key["kid"] == jwt::header(token)["kid"]));
    }
    assert_eq!(server.stop().await.code(), Some(0));

    let server = rotated.start();
    let client = server.anonymous();
    client.with_token(&ann.access_token).get("/auth/me").await.refused(401, "token_invalid");
    client.with_token(&next.access_token).get("/auth/me").await.expect(200);
}

#[tokio::test]
async fn issuer_audience_and_lifetimes_are_configurable() {
    let installation = Installation::new();
    let configured = installation
        .clone()
        .with("TOKEN_ISSUER", "https://issuer.example")
        .with("TOKEN_AUDIENCE", "https://audience.example")
        .with("ACCESS_TOKEN_EXPIRE_MINUTES", "5")
        .with("REFRESH_TOKEN_EXPIRE_DAYS", "2");
    let server = configured.start();
    let ann = server.register().await;
    let body = json!({"refresh_token": ann.refresh_token});
    let tokens = ann.post("/auth/refresh", body).await.expect(200).data();
    assert_eq!(tokens["expires_in"], 300);
    for (token, lifetime) in [("access_token", 300), ("refresh_token", 2 * 24 * 3600)] {
        let claims = jwt::claims(tokens[token].as_str().unwrap());
        assert_eq!(claims["iss"], "https://issuer.example");
        assert_eq!(claims["aud"], "https://audience.example");
        assert_eq!(claims["exp"].as_i64().unwrap() - claims["iat"].as_i64().unwrap(), lifetime);
    }
    assert_eq!(server.stop().await.code(), Some(0));

    // The same key in the hands of another issuer, or for another audience, makes other tokens.
    for name in ["TOKEN_ISSUER", "TOKEN_AUDIENCE"] {
        let server = configured.clone().with(name, "another").start();
        let client = server.anonymous();
        client.with_token(&ann.access_token).get("/auth/me").await.refused(401, "token_invalid");
    }
}
