//! Permissions of external users come from their account, and apply from the next request.

use super::{accounts::proven, issuer::Issuer};
use fasttrack_tests::Installation;
use serde_json::json;

#[tokio::test]
async fn token_claims_grant_no_admin_role() {
    let issuer = Issuer::new().await;
    let server = issuer.start();
    let said = json!({
        "sub": "u-1", "role": "admin", "roles": ["admin"], "is_admin": true, "scope": "admin",
        "type": "access", "sid": "1", "epoch": i64::MAX, "user_id": 1,
    });
    let external = issuer.user(&server, said);
    assert_eq!(external.get("/auth/me").await.expect(200).data()["role"], "user");
    external.get("/users").await.refused(403, "forbidden");
    external.patch("/users/me", json!({"role": "admin"})).await.invalid(&["role"]);
}

#[tokio::test]
async fn role_change_applies_from_next_request() {
    let issuer = Issuer::new().await;
    let server = issuer.start();
    let admin = server.admin().await;
    let external = issuer.user(&server, json!({"sub": "u-1"}));
    let path = format!("/users/{}", external.get("/auth/me").await.expect(200).id());
    for _ in 0..2 {
        external.get("/users").await.refused(403, "forbidden");
        admin.patch(&path, json!({"role": "admin"})).await.expect(200);
        external.get("/users").await.expect(200);
        admin.patch(&path, json!({"role": "user"})).await.expect(200);
    }
    external.get("/users").await.refused(403, "forbidden");
}

#[tokio::test]
async fn deactivated_user_is_refused_from_next_request() {
    let issuer = Issuer::new().await;
    let server = issuer.start();
    let admin = server.admin().await;
    let external = issuer.user(&server, json!({"sub": "u-1"}));
    let path = format!("/users/{}", external.get("/auth/me").await.expect(200).id());
    admin.patch(&path, json!({"is_active": false})).await.expect(200);
    let refused = external.get("/auth/me").await.refused(401, "token_revoked");
    assert!(refused.header("www-authenticate").unwrap().contains(r#"error="invalid_token""#));
    // Nor by another token.
    issuer.user(&server, json!({"sub": "u-1", "n": 2})).get("/auth/me").await.refused(401, "token_revoked");
    admin.patch(&path, json!({"is_active": true})).await.expect(200);
    external.get("/auth/me").await.expect(200);
}

#[tokio::test]
async fn logout_revokes_only_that_external_token() {
    let issuer = Issuer::new().await;
    let installation = issuer.trusted_by(Installation::new());
    let server = installation.start();
    let [external, again] = [1, 2].map(|n| issuer.user(&server, json!({"sub": "u-1", "n": n})));
    external.post("/auth/logout", json!({})).await.expect(200);
    external.get("/auth/me").await.refused(401, "token_revoked");
    again.get("/auth/me").await.expect(200);
    server.kill();
    let server = installation.start();
    let [external, again] = [1, 2].map(|n| issuer.user(&server, json!({"sub": "u-1", "n": n})));
    external.get("/auth/me").await.refused(401, "token_revoked");
    again.get("/auth/me").await.expect(200);
}

#[tokio::test]
async fn logout_ends_session_of_linked_account() {
    let issuer = Issuer::new().await;
    let server = issuer.start();
    let (ann, bob) = (proven(&server).await, server.register().await);
    let external = issuer.user(&server, json!({"sub": "u-1", "email": ann.email, "email_verified": true}));
    let refused = external.post("/auth/logout", json!({"refresh_token": bob.refresh_token})).await;
    refused.refused(403, "forbidden");
    external.post("/auth/logout", json!({"refresh_token": ann.refresh_token})).await.expect(200);
    external.get("/auth/me").await.refused(401, "token_revoked");
    ann.get("/auth/me").await.refused(401, "token_revoked");
    bob.get("/auth/me").await.expect(200);
}
