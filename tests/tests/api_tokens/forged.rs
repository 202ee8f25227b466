//! Forged tokens, and tokens in another's place.

use super::{complete, made_up, unauthorized};
use fasttrack_tests::Server;
use serde_json::json;

#[tokio::test]
async fn forged_token_is_invalid() {
    let server = Server::shared();
    let (ann, client) = (server.register().await, server.anonymous());
    let token = ann.api_token(json!({"scopes": ["tasks:read", "notifications:read"]})).await.token;
    let secret = &token[3..46];
    let digit = if token.ends_with('0') { '1' } else { '0' };
    for forged in [
        format!("{}{digit}", &token[..51]),
        format!("ft_{}{}", made_up(), &token[46..]),
        // Complete, and nobody's.
        complete(&made_up()),
        complete(&secret.chars().rev().collect::<String>()),
        complete(&secret[1..]),
        token[..51].to_owned(),
        format!("{token}0"),
        format!("FT_{}", &token[3..]),
        token[3..].to_owned(),
        token[..11].to_owned(),
        "ft_".to_owned(),
        format!("ft_{}", ann.access_token),
    ] {
        unauthorized(client.with_token(&forged).get("/tasks").await, "token_invalid");
        unauthorized(client.socket(&format!("?token={forged}")).await, "token_invalid");
    }
    client.with_token(&token).get("/tasks").await.expect(200);
    client.get("/tasks").header("authorization", format!("bearer {token}")).await.expect(200);
}

#[tokio::test]
async fn token_is_no_other_kind_of_token() {
    let server = Server::shared();
    let (ann, client) = (server.register().await, server.anonymous());
    let token = ann.api_token(json!({"scopes": ["tasks:read", "notifications:read"]})).await.token;
    let refresh = json!({"refresh_token": token});
    client.post("/auth/refresh", refresh.clone()).await.refused(401, "invalid_refresh_token");
    client.socket(&format!("?ticket={token}")).await.refused(401, "token_invalid");
    let reset = json!({"token": token, "new_password": "another horse battery"});
    client.post("/auth/password/reset", reset).await.refused(400, "invalid_reset_token");
    client.post("/auth/email/verify", json!({"token": token})).await.refused(400, "invalid_verification_token");
    ann.accept(&token).await.refused(400, "invalid_invitation_token");
    // A logout ignores it.
    ann.post("/auth/logout", refresh).await.expect(200);
    client.with_token(&token).get("/tasks").await.expect(200);
}
