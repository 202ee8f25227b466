//! A failover after which existing sessions are read-only.

use fasttrack_tests::{Answer, Installation, Server, all, eventually};
use serde_json::json;

/// Makes new sessions read-only, or writable again.
fn set_read_only(server: &Server, value: &str) {
    server.installation().sql(&format!(
        "BEGIN READ WRITE;
         DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET default_transaction_read_only = {value}', current_database()); END $$;
         COMMIT"
    ));
}

/// Ends all sessions of the server at the database.
fn end_sessions(server: &Server) {
    server.installation().sql(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity
         WHERE datname = current_database() AND application_name = 'fasttrack'",
    );
}

#[track_caller]
fn unavailable(answer: Answer) {
    let answer = answer.refused(503, "unavailable");
    assert!(answer.header("retry-after").unwrap().parse::<u32>().unwrap() >= 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn writes_resume_after_failover_left_read_only_sessions() {
    let server = Installation::new().with("DATABASE_POOL_SIZE", "4").start();
    let client = server.anonymous();
    let ann = server.register().await;
    let project = ann.project().await;
    let create = || ann.post(format!("/projects/{project}/tasks"), json!({"title": "Dig"}));
    set_read_only(&server, "on");
    end_sessions(&server);
    eventually("new sessions are read only", async || create().await.status == 503).await;
    for answer in all((0..40).map(|_| create())).await {
        unavailable(answer);
    }
    eventually("it isn't ready", async || client.get("/health/ready").await.status == 503).await;
    unavailable(client.get("/health/ready").await);
    ann.get(format!("/projects/{project}")).await.expect(200);

    // The sessions that there are stay as they are, and each is given up by whoever meets it first. Projects meet all of
    // them, as no two are written by one statement.
    set_read_only(&server, "off");
    let projects = all((0..40).map(|_| ann.post("/projects", json!({"name": "Garden"})))).await;
    let refused = projects.into_iter().filter(|answer| answer.status != 201).count();
    assert!(refused <= 4, "{refused} writes met a session of the wrong server");
    for answer in all((0..40).map(|_| create())).await {
        answer.expect(201);
    }
    eventually("it is ready", async || client.get("/health/ready").await.status == 200).await;
    assert!(!server.log().contains("internal error"), "{}", server.log());
}

#[tokio::test]
async fn server_errors_are_classified_by_sqlstate() {
    let server = Server::start();
    let ann = server.register().await;
    let installation = server.installation();
    installation.sql(
        "CREATE TABLE refusal (code text NOT NULL);
         INSERT INTO refusal VALUES ('00000');
         CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS
         $$ BEGIN RAISE EXCEPTION 'geht nicht' USING ERRCODE = (SELECT code FROM refusal); END $$;",
    );
    installation.sql("CREATE TRIGGER refuse BEFORE INSERT ON projects EXECUTE FUNCTION refuse()");
    for code in
        ["25006", "57P01", "57P02", "57P03", "08000", "08003", "08006", "08P01", "53300", "53100", "57014", "40P01"]
    {
        installation.sql(&format!("UPDATE refusal SET code = '{code}'"));
        for _ in 0..3 {
            unavailable(ann.post("/projects", json!({"name": code})).await);
        }
    }
    installation.sql("UPDATE refusal SET code = 'P0001'");
    ann.post("/projects", json!({"name": "Yard"})).await.refused(500, "internal");
    installation.sql("DROP TRIGGER refuse ON projects");
    ann.project().await;
}

#[tokio::test]
async fn remote_server_without_sslmode_logs_a_warning() {
    let warning = "has no `sslmode`";
    let log = async |url: &str| {
        let run = Installation::new().with("DATABASE_URL", url).command([]).run().await;
        assert_eq!(run.code, Some(1), "{run:#?}");
        assert!(!run.stdout.contains("sesame") && !run.stderr.contains("sesame"), "{run:#?}");
        run.stdout + &run.stderr
    };
    let log_of = log("postgres://ann:sesame@db.invalid/tasks").await;
    assert_eq!(log_of.matches(warning).count(), 1, "{log_of}");
    for quiet in ["postgres://ann:sesame@db.invalid/tasks?sslmode=prefer", "postgres://ann:sesame@127.0.0.1:1/tasks"] {
        let log = log(quiet).await;
        assert!(!log.contains(warning), "{log}");
    }
}
