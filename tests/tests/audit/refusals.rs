//! Audit of logins, logouts and refused requests.

use super::{about, told};
use fasttrack_tests::{Account, Installation, PASSWORD, Server, all, unique_email};
use serde_json::{Value, json};

/// Returns all audit entries, the newest first.
async fn lines(admin: &Account) -> Vec<Value> {
    let (mut lines, mut query) = (Vec::new(), String::new());
    loop {
        let page = admin.get(format!("/audit?limit=100{query}")).await.expect(200).data();
        lines.extend(page["items"].as_array().unwrap().clone());
        let Some(cursor) = page["next_cursor"].as_str() else { return lines };
        query = format!("&cursor={cursor}");
    }
}

fn actions(lines: &[Value]) -> Vec<&str> {
    lines.iter().map(|line| line["action"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn logins_and_logouts_are_audited() {
    let server = Server::shared();
    let (admin, ann) = (server.admin().await, server.register().await);
    ann.log_out().await.expect(200);
    let lines = about(&admin, &format!("user/{}", ann.id)).await;
    let (nothing, by) = (json!({}), Some(ann.id));
    assert_eq!(told(&lines), [("logout", by, &nothing), ("login", by, &nothing)]);
    assert_eq!(lines[0]["ip"], "127.0.0.1");
    assert!(lines[0]["request_id"].is_string());
    let own = admin.get(format!("/audit?actor_id={}", ann.id)).await.expect(200).items();
    assert_eq!(own, lines);
}

#[tokio::test]
async fn refused_logins_are_audited_without_input() {
    let server = Server::start();
    let (admin, ann, bob) = (server.admin().await, server.register().await, server.register().await);
    let typed = "hunter2-typed-here";
    let login = |email: &str| server.anonymous().post("/auth/login", json!({"email": email, "password": typed}));
    login(&ann.email).await.refused(401, "invalid_credentials");
    login(&format!("{typed}@example.org")).await.refused(401, "invalid_credentials");
    login(typed).await.refused(401, "invalid_credentials");
    let refresh = |token: &str| server.anonymous().post("/auth/refresh", json!({"refresh_token": token}));
    refresh(typed).await.refused(401, "invalid_refresh_token");
    refresh(&ann.refresh_token).await.expect(200);
    refresh(&ann.refresh_token).await.refused(401, "refresh_token_reused");
    let project = bob.project().await;
    let cleo = server.register().await;
    cleo.get(format!("/projects/{project}?name={typed}")).await.refused(403, "forbidden");
    cleo.get("/users").await.refused(403, "forbidden");

    let lines = lines(&admin).await;
    let [user, project] = [format!("user/{}", ann.id), format!("project/{project}")].map(Value::from);
    let told: Vec<_> = lines
        .iter()
        .filter(|line| !["login", "user.created"].contains(&line["action"].as_str().unwrap()))
        .map(|line| (line["action"].as_str().unwrap(), line["actor_id"].as_i64(), line["object"].clone()))
        .collect();
    let expected = [
        ("request.forbidden", Some(cleo.id), Value::Null),
        ("request.forbidden", Some(cleo.id), project),
        ("refresh.failed", None, user.clone()),
        ("refresh.failed", None, Value::Null),
        ("login.failed", None, Value::Null),
        ("login.failed", None, Value::Null),
        ("login.failed", None, user),
    ];
    assert_eq!(told, expected);
    assert!(!format!("{lines:?}").contains(typed), "{lines:#?}");
    let audit: Vec<_> =
        server.log().lines().filter(|line| line.contains("fasttrack::audit")).map(str::to_owned).collect();
    assert!(audit.len() >= 7 && !audit.join("\n").contains(typed), "{audit:#?}");
}

#[tokio::test]
async fn login_to_deactivated_account_is_audited() {
    let server = Server::shared();
    let (admin, ann) = (server.admin().await, server.register().await);
    admin.patch(format!("/users/{}", ann.id), json!({"is_active": false})).await.expect(200);
    let login = json!({"email": ann.email, "password": PASSWORD});
    server.anonymous().post("/auth/login", login).await.refused(403, "account_disabled");
    let lines = about(&admin, &format!("user/{}", ann.id)).await;
    assert_eq!(actions(&lines)[..2], ["login.failed", "user.updated"]);
}

#[tokio::test]
async fn rate_limited_request_is_audited() {
    let server = Installation::new().with("RATE_LIMIT_REQUESTS", "20").with("LOGIN_RATE_LIMIT", "1").start();
    let (admin, ann) = (server.admin().await, server.admin().await);
    let login = |email: String| server.anonymous().post("/auth/login", json!({"email": email, "password": "wrong"}));
    login(unique_email("nobody")).await.refused(401, "invalid_credentials");
    login(unique_email("nobody")).await.refused(429, "rate_limited");
    while ann.get("/users/me").await.status != 429 {}
    let lines = admin.get("/audit").await.expect(200).items();
    let limited: Vec<_> = lines
        .iter()
        .filter(|line| line["action"] == "request.rate_limited")
        .map(|line| line["actor_id"].as_i64())
        .collect();
    assert_eq!(limited, [Some(ann.id), None]);
}

#[tokio::test]
async fn refusals_are_capped_at_1000_lines_and_a_count() {
    let server = Server::start();
    let (admin, ann) = (server.admin().await, server.register().await);
    for _ in 0..11 {
        for answer in all((0..100).map(|_| ann.get("/users"))).await {
            answer.refused(403, "forbidden");
        }
    }
    let lines = lines(&admin).await;
    let count = |action: &str| actions(&lines).iter().filter(|it| **it == action).count();
    assert_eq!((count("request.forbidden"), count("refusals.counted")), (1_000, 1));
    let counted = lines.iter().find(|line| line["action"] == "refusals.counted").unwrap();
    assert_eq!((&counted["changes"], &counted["actor_id"]), (&json!({"refusals": [1000, 1100]}), &Value::Null));
    assert_eq!(counted["ip"], "127.0.0.1");

    // It goes on counting in that line.
    ann.get("/users").await.refused(403, "forbidden");
    let again = about_counts(&admin).await;
    assert_eq!(again, [json!({"refusals": [1000, 1101]})]);
}

async fn about_counts(admin: &Account) -> Vec<Value> {
    let lines = lines(admin).await;
    let counts = lines.into_iter().filter(|line| line["action"] == "refusals.counted");
    counts.map(|line| line["changes"].clone()).collect()
}

#[tokio::test]
async fn audit_is_flushed_at_shutdown() {
    let server = Server::start();
    let installation = server.installation().clone();
    let (admin, ann) = (server.admin().await, server.register().await);
    for answer in all((0..50).map(|_| ann.get("/users"))).await {
        answer.refused(403, "forbidden");
    }
    server.stop().await;
    let server = installation.start();
    let lines = admin.on(&server).get(format!("/audit?limit=100&actor_id={}", ann.id)).await.expect(200).items();
    assert_eq!(actions(&lines).iter().filter(|action| **action == "request.forbidden").count(), 50);
}
