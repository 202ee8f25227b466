use fasttrack_tests::{Account, Answer, Installation, Server, eventually};
use serde_json::json;

/// Limits the size of the server's files on SQLite; raises the error of a full disk on PostgreSQL, with a message in
/// another language.
fn fill(installation: &Installation, server: &Server) {
    if installation.is_on_postgres() {
        installation.sql(
            "CREATE FUNCTION is_full() RETURNS trigger LANGUAGE plpgsql AS
             $$ BEGIN RAISE EXCEPTION 'kein Platz mehr' USING ERRCODE = '53100'; END $$;
             CREATE TRIGGER is_full BEFORE INSERT ON projects EXECUTE FUNCTION is_full();
             CREATE TRIGGER is_full BEFORE INSERT ON tickets EXECUTE FUNCTION is_full();",
        );
    } else {
        server.limit_files(1 << 20);
    }
}

fn create(account: &Account) -> fasttrack_tests::Request {
    account.post("/projects", json!({"name": "Yard", "description": "x".repeat(10_000)}))
}

#[track_caller]
fn unavailable(answer: Answer) {
    let answer = answer.refused(503, "unavailable");
    assert!(answer.header("retry-after").unwrap().parse::<u32>().unwrap() >= 1);
}

#[tokio::test]
async fn full_disk_is_503_and_one_line_in_the_log() {
    let installation = Installation::new();
    let server = installation.start_unharmed_by_file_limits();
    let ann = server.register().await;
    let client = server.anonymous();
    let project = ann.project().await;
    client.get("/health/ready").await.expect(200);
    fill(&installation, &server);
    let mut refused = create(&ann).await;
    for _ in 0..1000 {
        if refused.status != 201 {
            break;
        }
        refused = create(&ann).await;
    }
    unavailable(refused);
    // At once, and as long as writes fail.
    unavailable(client.get("/health/ready").await);
    for _ in 0..20 {
        unavailable(create(&ann).await);
    }
    unavailable(client.get("/health/ready").await);
    client.get("/health/live").await.expect(200);
    ann.get(format!("/projects/{project}")).await.expect(200);
    let log = server.log();
    let lines: Vec<_> = log.lines().filter(|line| line.contains("WARN") && line.contains("request_id")).collect();
    assert_eq!(lines.len(), 1, "{lines:#?}");
    assert!(!log.contains("internal error") && !log.contains("a commit failed"), "{log}");

    if installation.is_on_postgres() {
        installation.sql("DROP TRIGGER is_full ON projects; DROP TRIGGER is_full ON tickets");
    } else {
        server.limit_files(u64::MAX);
    }
    eventually("it goes on", async || create(&ann).await.status == 201).await;
    eventually("it is ready", async || client.get("/health/ready").await.status == 200).await;
}
