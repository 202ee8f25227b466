use super::issuer::{AUDIENCE, Key, NAME};
use fasttrack_tests::{Installation, eventually};
use serde_json::json;

#[tokio::test]
async fn external_issuer_needs_all_three_settings() {
    let all = [("JWKS_URL", "https://issuer.example/jwks"), ("JWT_ISSUER", NAME), ("JWT_AUDIENCE", AUDIENCE)];
    for (missing, _) in all {
        let given = all.into_iter().filter(|(name, _)| *name != missing);
        let installation = given.fold(Installation::new(), |it, (name, value)| it.with(name, value));
        let reason = installation.command([]).run().await.failed(2);
        assert!(reason.contains(&format!("{missing}:")), "{reason}");
        assert_eq!(reason.trim().lines().count(), 1, "{reason}");
    }
}

#[tokio::test]
async fn plain_http_jwks_url_is_refused_without_its_password() {
    let installation = Installation::new().with("JWT_ISSUER", NAME).with("JWT_AUDIENCE", AUDIENCE);
    for url in ["http://ann:sesame@issuer.example/jwks", "ftp://ann:sesame@localhost/jwks", "issuer.example"] {
        let reason = installation.clone().with("JWKS_URL", url).command([]).run().await.failed(2);
        assert!(reason.contains("JWKS_URL") && !reason.contains("sesame"), "{reason}");
    }
    let server = installation.with("JWKS_URL", "https://ann:sesame@127.0.0.1:1/jwks?key=sesame").start();
    let token = Key::new("first").await.token(json!({"sub": "u-1"}));
    server.anonymous().with_token(&token).get("/auth/me").await.refused(503, "unavailable");
    eventually("the failure is logged", async || server.log().contains("https://127.0.0.1:1/jwks")).await;
    assert!(!server.log().contains("sesame"), "{}", server.log());
}
