//! A dump and its restoration, by the commands of `docs/operations/backup-and-restore.md` as they are written there.

use fasttrack_tests::{Account, DEADLINE, Installation, eventually};
use serde_json::json;
use std::process::Command;

const MANUAL: &str = include_str!("../../../docs/operations/backup-and-restore.md");

/// Returns the first shell block for PostgreSQL in a section.
fn commands(section: &str) -> &'static str {
    let (_, rest) = MANUAL.split_once(&format!("\n## {section}\n")).unwrap();
    let section = rest.split("\n## ").next().unwrap();
    let (_, rest) = section.split_once("\n**PostgreSQL**").unwrap();
    let (_, block) = rest.split_once("```sh\n").unwrap();
    block.split("```").next().unwrap()
}

fn run(installation: &Installation, script: &str, restored: &str) {
    let limit = DEADLINE.as_secs().to_string();
    let mut bash = Command::new("timeout");
    bash.args([&limit, "bash", "-euc", script]).current_dir(installation.path(""));
    bash.env("DATABASE_URL", installation.database_url()).env("RESTORED_URL", restored);
    let output = bash.output().unwrap();
    assert!(output.status.success(), "{script}\n{}", String::from_utf8_lossy(&output.stderr));
}

/// Returns the number of rows and the checksum of each table of a database, as `copy` prints them.
async fn contents(installation: &Installation, url: &str, name: &str) -> String {
    let to = format!("sqlite://{}", installation.path(name).display());
    installation.command(["copy", "--from", url, "--to", &to]).run().await.succeeded()
}

#[tokio::test]
async fn documented_commands_dump_and_restore() {
    let installation = Installation::new();
    let server = installation.start();
    let ann = server.register().await;
    let project = ann.project().await;
    let task = ann.task(project, json!({"title": "Grüße 🐢", "description": "'; -- \\ \n"})).await;
    ann.comment(task).await;
    let gone = ann.task(project, json!({})).await;
    ann.delete(format!("/tasks/{gone}")).await.expect(204);
    let events = format!("/projects/{project}/stats");
    eventually("nothing is left to be done", async || {
        let jobs = installation.command(["jobs", "list"]).run().await.succeeded();
        ann.get(&events).await.expect(200).data()["total"] == 1 && jobs.is_empty()
    })
    .await;

    let (server_url, database) = installation.database_url().split_once("/fasttrack_").unwrap();
    let (name, parameters) = database.split_at(database.find('?').unwrap_or(database.len()));
    let (name, dump) = (format!("restored_{name}"), commands("Backup"));
    let restored = format!("{server_url}/{name}{parameters}");
    run(&installation, dump, &restored);
    assert!(server.stop().await.success());
    run(&installation, &commands("Restore").replace("DATABASE restored ", &format!("DATABASE {name} ")), &restored);

    let there = contents(&installation, &restored, "there.db").await;
    assert_eq!(there, contents(&installation, installation.database_url(), "here.db").await);
    let server = installation.clone().with("DATABASE_URL", &restored).start();
    let again = Account::log_in(&server.anonymous(), &ann.email, fasttrack_tests::PASSWORD).await;
    let read = again.get(format!("/tasks/{task}")).await.expect(200).data();
    assert_eq!(read["title"], "Grüße 🐢");
    assert!(again.task(project, json!({})).await > gone, "an id isn't given out twice");
    assert!(server.stop().await.success());
    installation.sql(&format!("DROP DATABASE {name} WITH (FORCE)"));
}
