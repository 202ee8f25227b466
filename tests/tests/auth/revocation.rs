//! Revocation of tokens by anything but a logout.

use fasttrack_tests::{
    Account, Answer, Client, Installation, PASSWORD, Server, eventually,
    jwt::{self, Forge},
};
use serde_json::json;
use std::time::Duration;

async fn exchange(client: &Client, token: &str) -> Answer {
    client.post("/auth/refresh", json!({"refresh_token": token})).await
}

#[tokio::test]
async fn deactivation_ends_sessions_and_access_tokens_at_once() {
    let server = Server::shared();
    let (ann, admin) = (server.register().await, server.admin().await);
    let path = format!("/users/{}", ann.id);
    admin.patch(&path, json!({"is_active": false})).await.expect(200);
    ann.get("/auth/me").await.refused(401, "token_revoked");
    exchange(&ann, &ann.refresh_token).await.refused(401, "invalid_refresh_token");
    // Nor do they come back with the account.
    admin.patch(&path, json!({"is_active": true})).await.expect(200);
    ann.get("/auth/me").await.refused(401, "token_revoked");
    exchange(&ann, &ann.refresh_token).await.refused(401, "invalid_refresh_token");
    ann.log_in_again().await.get("/auth/me").await.expect(200);
}

#[tokio::test]
async fn role_change_revokes_access_tokens_and_keeps_sessions() {
    let server = Server::shared();
    let (ann, admin) = (server.register().await, server.admin().await);
    admin.patch(format!("/users/{}", ann.id), json!({"role": "admin"})).await.expect(200);
    ann.get("/auth/me").await.refused(401, "token_revoked");

    let tokens = exchange(&ann, &ann.refresh_token).await.expect(200).data();
    let risen = Account::from_tokens(&server.anonymous(), &tokens).await;
    assert_eq!(jwt::claims(&risen.access_token)["role"], "admin");
    risen.get("/users").await.expect(200);

    admin.patch(format!("/users/{}", ann.id), json!({"role": "user"})).await.expect(200);
    risen.get("/users").await.refused(401, "token_revoked");
    let tokens = exchange(&risen, &risen.refresh_token).await.expect(200).data();
    let fallen = Account::from_tokens(&server.anonymous(), &tokens).await;
    fallen.get("/users").await.refused(403, "forbidden");
}

#[tokio::test]
async fn display_name_change_revokes_nothing() {
    let server = Server::shared();
    let (ann, admin) = (server.register().await, server.admin().await);
    admin.patch(format!("/users/{}", ann.id), json!({"display_name": "Anna"})).await.expect(200);
    ann.patch("/users/me", json!({"email": format!("new-{}", ann.email), "current_password": PASSWORD}))
        .await
        .expect(200);
    ann.get("/auth/me").await.expect(200);
    exchange(&ann, &ann.refresh_token).await.expect(200);
}

#[tokio::test]
async fn set_password_by_cli_ends_sessions_on_running_server() {
    const ANOTHER: &str = "another horse battery";
    let server = Server::shared();
    let ann = server.register().await;
    let elsewhere = ann.log_in_again().await;
    let set = server.installation().command(["user", "set-password", "--email", &ann.email]);
    set.input(ANOTHER).run().await.succeeded();

    eventually("the token is revoked", async || ann.get("/auth/me").await.code() == "token_revoked").await;
    elsewhere.get("/auth/me").await.refused(401, "token_revoked");
    for session in [&ann, &elsewhere] {
        exchange(session, &session.refresh_token).await.refused(401, "invalid_refresh_token");
    }
    let old = json!({"email": ann.email, "password": PASSWORD});
    server.anonymous().post("/auth/login", old).await.refused(401, "invalid_credentials");
    Account::log_in(&server.anonymous(), &ann.email, ANOTHER).await;
}

#[tokio::test]
async fn revocations_and_sessions_survive_restart() {
    let installation = Installation::new();
    let server = installation.start();
    let (ann, bob) = (server.register().await, server.register().await);
    ann.log_out().await.expect(200);
    server.kill();

    let server = installation.start();
    let present = |account: &Account| server.anonymous().with_token(&account.access_token).get("/auth/me");
    present(&ann).await.refused(401, "token_revoked");
    present(&bob).await.expect(200);
    exchange(&server.anonymous(), &ann.refresh_token).await.refused(401, "invalid_refresh_token");
    exchange(&server.anonymous(), &bob.refresh_token).await.expect(200);
    exchange(&server.anonymous(), &bob.refresh_token).await.refused(401, "refresh_token_reused");
}

#[tokio::test]
async fn shorter_token_lifetime_revives_no_revoked_token() {
    let installation = Installation::new().with("ACCESS_TOKEN_EXPIRE_MINUTES", "60");
    let server = installation.start();
    let (ann, bob, admin) = (server.register().await, server.register().await, server.admin().await);
    server.kill();

    let installation = installation.with("ACCESS_TOKEN_EXPIRE_MINUTES", "1");
    let server = installation.start();
    ann.on(&server).get("/auth/me").await.expect(200);
    admin.on(&server).patch(format!("/users/{}", ann.id), json!({"is_active": false})).await.expect(200);
    bob.on(&server).log_out().await.expect(200);
    for account in [&ann, &bob] {
        account.on(&server).get("/auth/me").await.refused(401, "token_revoked");
    }
    server.kill();

    // Whatever takes the entries away: their time, a clock that is wrong, or somebody.
    installation.sql("DELETE FROM revocations");
    let server = installation.start();
    for account in [&ann, &bob] {
        account.on(&server).get("/auth/me").await.refused(401, "token_revoked");
        let body = json!({"refresh_token": account.refresh_token});
        server.anonymous().post("/auth/refresh", body).await.refused(401, "invalid_refresh_token");
    }
    admin.on(&server).get("/auth/me").await.expect(200);
}

#[tokio::test]
async fn token_of_former_release_is_valid_for_its_session() {
    let server = Server::start();
    let (ann, bob) = (server.register().await, server.register().await);
    let former = |account: &Account| Forge::new(&server, &account.access_token).without("ukey").without("skey");
    let present = async |token: String| server.anonymous().with_token(&token).get("/auth/me").await;
    present(former(&ann).sign()).await.expect(200);
    present(former(&ann).claim("sid", jwt::claims(&bob.access_token)["sid"].clone()).sign())
        .await
        .refused(401, "token_revoked");
    // One that is older than the session of that id was another session's.
    present(former(&ann).issued_earlier(Duration::from_secs(5)).sign()).await.refused(401, "token_revoked");
    for name in ["ukey", "skey"] {
        let another = former(&ann).claim(name, "q6urq6urq6urq6urq6urqw").sign();
        present(another).await.refused(401, "token_revoked");
    }
}
