//! `fasttrack token`

use super::unauthorized;
use fasttrack_tests::{Installation, MISSING, Output, SOON, Server, eventually};
use serde_json::{Value, json};
use std::time::Instant;

async fn token(installation: &Installation, arguments: &[&str]) -> Output {
    installation.command(["token"].into_iter().chain(arguments.iter().copied())).run().await
}

#[tokio::test]
async fn operator_makes_lists_and_revokes_a_token() {
    let server = Server::shared();
    let installation = server.installation();
    let (ann, admin) = (server.register().await, server.admin().await);
    let project = ann.project().await.to_string();
    ann.project().await;
    let email = ann.email.to_uppercase();
    let account = ["create", "--email", &email, "--name", "Nightly import"];
    let limits = ["--scopes", "tasks:write, projects:read", "--project-ids", &project];
    let end = ["--expires-at", "2999-12-01T09:30:00Z"];
    let printed = token(installation, &[&account[..], &limits[..], &end[..]].concat()).await.succeeded();
    let secret = printed.strip_suffix('\n').unwrap();
    assert_eq!(secret.len(), 52, "nothing else is printed");

    let id = ann.get("/auth/tokens").await.expect(200).ids()[0].to_string();
    let user = ann.id.to_string();
    let columns = [
        id.as_str(),
        &user,
        "Nightly import",
        &secret[..11],
        "projects:read tasks:write",
        &project,
        "2999-12-01T09:30:00Z",
        "never",
    ];
    let line = columns.join("\t");
    let listed = token(installation, &["list"]).await.succeeded();
    assert!(listed.lines().any(|listed| listed == line) && !listed.contains(&secret[11..]), "{listed}");
    let client = server.anonymous().with_token(secret);
    assert_eq!(client.get("/projects").await.expect(200).ids(), [project.parse::<i64>().unwrap()]);

    let begin = Instant::now();
    assert_eq!(token(installation, &["revoke", "--id", &id]).await.succeeded(), format!("revoked token {id}\n"));
    eventually("it is refused", async || client.get("/projects").await.status == 401).await;
    assert!(begin.elapsed() < SOON, "{:?}", begin.elapsed());
    unauthorized(client.get("/projects").await, "token_revoked");
    token(installation, &["revoke", "--id", &id]).await.failed(1);
    assert!(!token(installation, &["list"]).await.succeeded().contains(&line));
    let lines = admin.get(format!("/audit?object=token/{id}")).await.expect(200).items();
    let told: Vec<_> = lines.iter().map(|line| (&line["action"], &line["actor_id"])).collect();
    assert_eq!(told, [(&json!("token.revoked"), &Value::Null), (&json!("token.created"), &Value::Null)]);
}

#[tokio::test]
async fn token_with_wrong_values_is_not_made() {
    let server = Server::shared();
    let installation = server.installation();
    let ann = server.register().await;
    let (project, missing) = (ann.project().await.to_string(), MISSING.to_string());
    let nothing: &[&str] = &[];
    for (email, scopes, more, code, named) in [
        ("nobody@example.org", "tasks:read", nothing, 1, "no token was made"),
        (&ann.email, "tasks", nothing, 2, "--scopes"),
        (&ann.email, "", nothing, 2, "--scopes"),
        (&ann.email, "tasks:read", &["--project-ids", &missing], 1, "project_ids.0"),
        (&ann.email, "tasks:read", &["--project-ids", ""], 2, "--project-ids"),
        (&ann.email, "notifications:read", &["--project-ids", &project], 1, "project_ids"),
        (&ann.email, "tasks:read", &["--expires-at", "2026-01-01T00:00:00Z"], 1, "expires_at"),
        (&ann.email, "tasks:read", &["--expires-at", "tomorrow"], 2, "--expires-at"),
    ] {
        let account = ["create", "--email", email, "--name", "CI", "--scopes", scopes];
        let said = token(installation, &[&account[..], more].concat()).await.failed(code);
        assert!(said.contains(named), "{scopes} {more:?}: {said}");
    }
    token(installation, &["revoke", "--id", &missing]).await.failed(1);
    assert_eq!(ann.get("/auth/tokens").await.expect(200).items(), Vec::<Value>::new());
}
