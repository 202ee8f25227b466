use fasttrack_testkit::postgres::Cluster;
use fasttrack_tests::{Account, ApiToken, Installation, Output, PASSWORD, Server, eventually};
use serde_json::json;
use std::{fs, os::unix::fs::PermissionsExt};

/// The secret of a URL in each encoding, none of which may be printed.
const SECRET: &str = "sesame";

async fn copy(installation: &Installation, from: &str, to: &str) -> Output {
    installation.command(["copy", "--from", from, "--to", to]).run().await
}

fn file(installation: &Installation, name: &str) -> String {
    format!("sqlite://{}", installation.path(name).display())
}

/// Creates an installation with a session, a token, a project with a task, and a deleted task with a higher id.
async fn lived_in() -> (Server, Account, ApiToken) {
    let server = Installation::new().start();
    let ann = server.register().await;
    let project = ann.project().await;
    let label = ann.post(format!("/projects/{project}/labels"), json!({"name": "Dringend"})).await.expect(201).id();
    let planned = json!({
        "title": "Grüße 🐢", "description": null, "due": "2126-12-01", "reminders": ["2126-11-30T08:00:00Z"],
        "labels": [label],
    });
    let task = ann.task(project, planned).await;
    ann.post(format!("/tasks/{task}/move"), json!({"after": null})).await.expect(200);
    ann.comment(task).await;
    let gone = ann.task(project, json!({})).await;
    ann.delete(format!("/tasks/{gone}")).await.expect(204);
    let token = ann.api_token(json!({"scopes": ["tasks:read"], "project_ids": [project]})).await;
    (server, ann, token)
}

/// Fails unless a server on the copy with the same key serves the session, the token and the data.
async fn assert_goes_on(server: &Server, ann: &Account, token: &ApiToken) {
    let session = server.anonymous().with_token(&ann.access_token);
    let tasks = session.get("/projects/1/tasks").await.expect(200).data();
    assert_eq!(token.on(server).get("/projects/1/tasks").await.expect(200).data(), tasks);
    assert!(tasks["items"][0]["title"] == "Grüße 🐢" && tasks["items"][1].is_null(), "{tasks}");
    let task = &tasks["items"][0];
    let planned = json!([task["due"], task["labels"][0]["name"], task["reminders"][0], task["version"]]);
    assert_eq!(planned, json!(["2126-12-01", "Dringend", "2126-11-30T08:00:00.000000Z", 2]));
    eventually("it is found by its words", async || {
        session.get("/projects/1/tasks?q=GRUSS&label=1&due_from=2126-12-01").await.expect(200).data() == tasks
    })
    .await;
    server.anonymous().post("/auth/refresh", json!({"refresh_token": ann.refresh_token})).await.expect(200);
    let again = Account::log_in(&server.anonymous(), &ann.email, PASSWORD).await;
    assert_eq!(again.id, ann.id);
    assert_eq!(again.task(1, json!({})).await, 3, "an id isn't given out twice");
    assert_eq!(again.api_token(json!({"scopes": ["tasks:read"]})).await.id, token.id + 1);
}

#[tokio::test]
async fn server_runs_on_copy_of_database() {
    let (server, ann, token) = lived_in().await;
    let installation = server.installation().clone();
    let (from, to) = (file(&installation, "fasttrack.db"), file(&installation, "copy.db"));
    let output = copy(&installation, &from, &to).await;
    let warned = output.stderr.contains(&format!("warning: process {} serves the database", server.process_id()));
    assert!(warned, "{output:#?}");
    let said = output.succeeded();
    assert_eq!(fs::metadata(installation.path("copy.db")).unwrap().permissions().mode() & 0o777, 0o600);
    assert!(said.lines().any(|line| line.starts_with("tasks ") && line.contains(" 1 rows ")), "{said}");
    assert!(server.stop().await.success());
    let unserved = copy(&installation, &from, &file(&installation, "second.db")).await;
    assert!(!unserved.stderr.contains("warning"), "{unserved:#?}");
    assert_goes_on(&installation.with("DATABASE_URL", &to).start(), &ann, &token).await;
}

#[tokio::test]
async fn server_moves_to_postgresql_and_back() {
    let Some(cluster) = Cluster::shared() else { return };
    let database = cluster.create_database();
    let (server, ann, token) = lived_in().await;
    let installation = server.installation().clone();
    let (from, back) = (file(&installation, "fasttrack.db"), file(&installation, "back.db"));
    let there = copy(&installation, &from, database.url()).await.succeeded();
    assert_eq!(copy(&installation, database.url(), &back).await.succeeded(), there);
    assert!(server.stop().await.success());
    let moved = installation.clone().with("DATABASE_URL", database.url()).start();
    let output = copy(&installation, database.url(), &file(&installation, "served.db")).await;
    assert!(output.stderr.contains("warning: another process serves the database"), "{output:#?}");
    output.succeeded();
    assert_goes_on(&moved, &ann, &token).await;
}

#[tokio::test]
async fn impossible_copy_is_refused_in_one_line_without_secrets() {
    let installation = Installation::new();
    installation.command(["user", "create", "--email", "a@example.org"]).input(PASSWORD).run().await.succeeded();
    let (filled, missing) = (file(&installation, "fasttrack.db"), file(&installation, "missing.db"));
    let wrong = format!("mysql://root:{SECRET}@127.0.0.1/x");
    let nobody = format!("postgres://ann:{SECRET}@127.0.0.1:1/x");
    for (from, to, code, reason) in [
        (&filled, &filled, 1, "empty"),
        (&missing, &file(&installation, "new.db"), 1, "missing.db"),
        (&wrong, &missing, 2, "--from"),
        (&filled, &wrong, 2, "--to"),
        (&nobody, &missing, 1, "source"),
        (&filled, &nobody, 1, "target"),
    ] {
        let said = copy(&installation, from, to).await.failed(code);
        assert!(said.contains(reason) && !said.contains(SECRET), "{said}");
        assert_eq!(said.lines().count(), 1, "{said}");
    }
    assert!(!installation.path("new.db").exists());
    installation.command(["copy", "--from", &filled]).run().await.failed(2);
}
