//! Forged tokens and malformed key sets.

use super::issuer::{Issuer, Key, claims};
use fasttrack_tests::{all, jwt};
use jsonwebtoken::{Algorithm, EncodingKey, crypto};
use serde_json::{Value, json};

fn with(mut object: Value, member: &str, value: impl Into<Value>) -> Value {
    object[member] = value.into();
    object
}

fn without(mut object: Value, member: &str) -> Value {
    object.as_object_mut().unwrap().remove(member);
    object
}

#[tokio::test]
async fn forged_external_token_is_refused() {
    let issuer = Issuer::new().await;
    let server = issuer.start();
    let (key, stranger) = (&issuer.key, Key::new("stranger").await);
    let (header, good) = (key.header(), claims(json!({"sub": "u-1"})));
    let with_public_key = |secret: &str| {
        let unsigned = jwt::compact(&with(header.clone(), "alg", "HS256"), &good, b"");
        let message = unsigned.trim_end_matches('.');
        let secret = EncodingKey::from_secret(secret.as_bytes());
        format!("{message}.{}", crypto::sign(message.as_bytes(), &secret, Algorithm::HS256).unwrap())
    };
    let mut forged = vec![
        ("unsigned", jwt::compact(&with(header.clone(), "alg", "none"), &good, b"")),
        ("without a signature", jwt::compact(&header, &good, b"")),
        ("a public key as a secret", with_public_key(&key.jwk().to_string())),
        ("a coordinate as a secret", with_public_key(key.jwk()["x"].as_str().unwrap())),
        ("under the name of another key", stranger.sign(&header, &good)),
        ("of an unknown key", stranger.token(json!({"sub": "u-1"}))),
        ("with a key along", stranger.sign(&with(header.clone(), "jwk", stranger.jwk()), &good)),
    ];
    for (member, value) in [
        ("jku", json!("https://attacker.example/jwks")),
        ("x5u", json!("https://attacker.example/x5u")),
        ("x5c", json!(["MIIB"])),
        ("crit", json!(["exp"])),
        ("typ", json!("id+jwt")),
        ("alg", json!("RS256")),
    ] {
        forged.push((member, key.sign(&with(header.clone(), member, value), &good)));
    }
    for claim in ["iss", "aud", "sub", "exp"] {
        forged.push((claim, key.sign(&header, &without(good.clone(), claim))));
    }
    for (claim, value) in [
        ("iss", json!("fasttrack")),
        ("aud", json!("fasttrack")),
        ("aud", json!([])),
        ("sub", json!(7)),
        ("nbf", json!(3_999_999_999_i64)),
    ] {
        forged.push((claim, key.sign(&header, &with(good.clone(), claim, value))));
    }
    for (what, token) in forged {
        let refused = server.anonymous().with_token(&token).get("/auth/me").await;
        assert_eq!(refused.code(), "token_invalid", "{what}");
        let refused = refused.refused(401, "token_invalid");
        assert!(refused.header("www-authenticate").unwrap().contains(r#"error="invalid_token""#), "{what}");
    }
    let expired = key.token(json!({"sub": "u-1", "exp": 1_000_000_000}));
    server.anonymous().with_token(&expired).get("/auth/me").await.refused(401, "token_expired");
    issuer.user(&server, json!({"sub": "u-1"})).get("/auth/me").await.expect(200);
}

#[tokio::test]
async fn local_and_external_tokens_are_not_interchangeable() {
    let issuer = Issuer::new().await;
    let server = issuer.start();
    let ann = server.register().await;
    for token in [&ann.access_token, &ann.refresh_token] {
        let twisted = issuer.key.sign(&with(jwt::header(token), "alg", "ES256"), &jwt::claims(token));
        server.anonymous().with_token(&twisted).get("/auth/me").await.refused(401, "token_invalid");
    }
    server.anonymous().with_token(&ann.refresh_token).get("/auth/me").await.refused(401, "token_invalid");
    assert_eq!(issuer.asked(), 0, "nobody is asked about what can't be theirs");
    let refresh = json!({"refresh_token": issuer.key.token(json!({"sub": "u-1", "type": "refresh"}))});
    server.anonymous().post("/auth/refresh", refresh).await.refused(401, "invalid_refresh_token");
    ann.get("/auth/me").await.expect(200);
}

#[tokio::test]
async fn flood_of_unknown_key_ids_causes_few_fetches() {
    let issuer = Issuer::new().await;
    let server = issuer.start();
    let flood = (0..200).map(|n| {
        let header = with(issuer.key.header(), "kid", format!("unknown-{n}"));
        let token = issuer.key.sign(&header, &claims(json!({"sub": "u-1"})));
        server.anonymous().with_token(&token).get("/auth/me")
    });
    for answer in all(flood).await {
        answer.refused(401, "token_invalid");
    }
    assert!(issuer.asked() <= 2, "{}", issuer.asked());
    issuer.user(&server, json!({"sub": "u-1"})).get("/auth/me").await.expect(200);
}
