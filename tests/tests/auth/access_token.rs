use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use fasttrack_tests::{
    Client, Installation, Server,
    jwt::{self, Forge},
};
use serde_json::json;
use std::time::Duration;

#[track_caller]
fn refused(answer: fasttrack_tests::Answer, code: &str) {
    let answer = answer.refused(401, code);
    let challenge = answer.header("www-authenticate").unwrap_or_else(|| panic!("no challenge: {answer:#?}"));
    assert!(challenge.starts_with("Bearer"), "{challenge}");
    assert_eq!(challenge.contains(r#"error="invalid_token""#), code != "token_missing", "{challenge}");
}

async fn present(client: &Client, token: &str) -> fasttrack_tests::Answer {
    client.with_token(token).get("/auth/me").await
}

#[tokio::test]
async fn missing_token_gets_challenge_without_error() {
    let server = Server::shared();
    let client = server.anonymous();
    refused(client.get("/auth/me").await, "token_missing");
    for other in ["Basic YW5uOnNlc2FtZQ==", "Digest x", "token"] {
        refused(client.get("/auth/me").header("authorization", other).await, "token_missing");
    }
}

#[tokio::test]
async fn auth_scheme_is_case_insensitive() {
    let server = Server::shared();
    let ann = server.register().await;
    for scheme in ["bearer", "BEARER"] {
        let header = format!("{scheme} {}", ann.access_token);
        server.anonymous().get("/auth/me").header("authorization", header).await.expect(200);
    }
}

#[tokio::test]
async fn malformed_token_is_invalid() {
    let server = Server::shared();
    let huge = "a".repeat(5_000);
    for garbage in ["x", "a.b", "a.b.c", "a.b.c.d", "..", "eyJhbGciOiJub25lIn0.e30.", &huge] {
        refused(present(&server.anonymous(), garbage).await, "token_invalid");
    }
}

#[tokio::test]
async fn altered_token_is_invalid() {
    let server = Server::shared();
    let ann = server.register().await;
    let parts: Vec<&str> = ann.access_token.split('.').collect();
    let admin = {
        let mut claims = jwt::claims(&ann.access_token);
        claims["role"] = json!("admin");
        URL_SAFE_NO_PAD.encode(claims.to_string())
    };
    let signature: String = parts[2].chars().rev().collect();
    for token in [
        [parts[0], &admin, parts[2]].join("."),
        [parts[0], parts[1], &signature].join("."),
        [parts[0], parts[1], ""].join("."),
        [parts[0], parts[1]].join("."),
        format!("{}=", ann.access_token),
        format!("{}.", ann.access_token),
    ] {
        refused(present(&ann, &token).await, "token_invalid");
    }
    present(&ann, &ann.access_token).await.expect(200);
}

#[tokio::test]
async fn refresh_token_is_not_an_access_token() {
    let server = Server::shared();
    let ann = server.register().await;
    refused(present(&ann, &ann.refresh_token).await, "token_invalid");
}

#[tokio::test]
async fn token_of_another_server_is_invalid() {
    let (server, other) = (Server::shared(), Installation::empty().start());
    let stranger = other.register().await;
    refused(present(&server.anonymous(), &stranger.access_token).await, "token_invalid");
}

#[tokio::test]
async fn expired_token_is_reported_as_expired() {
    let server = Server::shared();
    let ann = server.register().await;
    let genuine = Forge::new(&server, &ann.access_token);
    present(&ann, &genuine.sign()).await.expect(200);
    for ago in [1, 60, 100_000] {
        let token = Forge::new(&server, &ann.access_token).expired(Duration::from_secs(ago)).sign();
        refused(present(&ann, &token).await, "token_expired");
    }
    // An expired one that isn't genuine is no better for it.
    let forged = Forge::new(&server, &ann.access_token).expired(Duration::from_mins(1)).claim("aud", "others").sign();
    refused(present(&ann, &forged).await, "token_invalid");
}

#[tokio::test]
async fn signed_token_with_wrong_claims_is_invalid() {
    let server = Server::shared();
    let ann = server.register().await;
    let forge = || Forge::new(&server, &ann.access_token);
    let tokens = [
        forge().claim("iss", "somebody else").sign(),
        forge().without("iss").sign(),
        forge().claim("aud", "somebody else").sign(),
        forge().without("aud").sign(),
        forge().claim("type", "refresh").sign(),
        forge().without("type").sign(),
        forge().claim("sub", "nobody").sign(),
        forge().without("sub").sign(),
        forge().without("exp").sign(),
        forge().claim("exp", "tomorrow").sign(),
        forge().without("jti").sign(),
        forge().without("sid").sign(),
        forge().claim("role", "emperor").sign(),
        forge().typ(None).sign(),
        forge().typ(Some("JWT")).sign(),
        forge().kid(None).sign(),
        forge().kid(Some("unknown")).sign(),
        forge().unsigned(),
        forge().sign_with_public_key(&ann).await,
    ];
    for token in tokens {
        let said = format!("{} {}", jwt::header(&token), jwt::claims(&token));
        let answer = present(&ann, &token).await;
        assert_eq!(answer.code(), "token_invalid", "{said}: {answer:#?}");
        refused(answer, "token_invalid");
    }
}
