use fasttrack_tests::{Account, Installation, Output, PASSWORD, Server, all, eventually, jwt};
use serde_json::json;
use std::{
    fs,
    os::unix::fs::PermissionsExt,
    path::Path,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
};
use tokio::task::JoinSet;

async fn backup(installation: &Installation, out: &str) -> Output {
    installation.command(["backup", "--out", out]).run().await
}

async fn restore(installation: &Installation, from: &str) -> Output {
    installation.command(["restore", "--from", from]).run().await
}

/// Another installation with the same signing key.
fn another(installation: &Installation) -> Installation {
    let key = installation.path("jwt_private_key.pem");
    Installation::new().with("JWT_PRIVATE_KEY_FILE", key.to_str().unwrap())
}

fn absolute(installation: &Installation, name: &str) -> String {
    installation.path(name).display().to_string()
}

/// The number of rows that was printed for a table.
fn rows(printed: &str, table: &str) -> usize {
    let line = printed.lines().find(|line| line.split(' ').next() == Some(table)).unwrap();
    line.split_whitespace().nth(1).unwrap().parse().unwrap()
}

fn leftovers(folder: &Path) -> Vec<String> {
    let names = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    names.filter(|name| name.starts_with('.')).collect()
}

/// Writers that create tasks until they are stopped, and the acknowledged tasks.
struct Writers {
    tasks: JoinSet<()>,
    stop: Arc<AtomicBool>,
    acknowledged: Arc<Mutex<Vec<i64>>>,
}

impl Writers {
    async fn start(server: &Server, count: usize) -> (Self, Arc<Account>, i64) {
        let ann = Arc::new(server.register().await);
        let project = ann.project().await;
        let mut writers = Self { tasks: JoinSet::new(), stop: Arc::default(), acknowledged: Arc::default() };
        for _ in 0..count {
            let (ann, stop) = (Arc::clone(&ann), Arc::clone(&writers.stop));
            let acknowledged = Arc::clone(&writers.acknowledged);
            writers.tasks.spawn(async move {
                while !stop.load(Ordering::Relaxed) {
                    let id = ann.task(project, json!({"description": "x".repeat(2000)})).await;
                    acknowledged.lock().unwrap().push(id);
                }
            });
        }
        (writers, ann, project)
    }

    fn acknowledged(&self) -> Vec<i64> {
        self.acknowledged.lock().unwrap().clone()
    }

    async fn stop(self) {
        self.stop.store(true, Ordering::Relaxed);
        self.tasks.join_all().await;
    }
}

#[tokio::test]
async fn backup_under_load_is_complete_and_consistent() {
    let server = Installation::new().start();
    let installation = server.installation().clone();
    let (writers, ann, project) = Writers::start(&server, 8).await;
    eventually("there are rows", async || writers.acknowledged().len() >= 300).await;
    for name in ["first.db", "second.db"] {
        let before = writers.acknowledged();
        let printed = backup(&installation, name).await.succeeded();
        let after = writers.acknowledged();
        assert!(after.len() > before.len(), "the writers were held up");
        assert!((before.len()..=after.len() + 8).contains(&rows(&printed, "tasks")), "{printed}");
        assert_eq!(fs::metadata(installation.path(name)).unwrap().permissions().mode() & 0o777, 0o600);
        assert!(!installation.path(&format!("{name}-wal")).exists());

        let restored = another(&installation);
        let printed_again = restore(&restored, &absolute(&installation, name)).await.succeeded();
        assert_eq!(rows(&printed_again, "tasks"), rows(&printed, "tasks"));
        let copy = restored.start();
        let session = copy.anonymous().with_token(&ann.access_token);
        let wanted = before.iter().map(|id| session.get(format!("/tasks/{id}")));
        for task in all(wanted).await {
            assert_eq!(task.expect(200).data()["project_id"], project);
        }
        // Statistics are caught up with from the events that were in it.
        let listed = rows(&printed, "tasks");
        eventually("the numbers are right", async || {
            session.get(format!("/projects/{project}/stats")).await.expect(200).data()["total"] == listed
        })
        .await;
    }
    writers.stop().await;
    assert!(leftovers(&installation.path("")).is_empty());
}

#[tokio::test]
async fn restore_brings_state_back_and_keeps_the_old_file() {
    let server = Server::start();
    let installation = server.installation().clone();
    let ann = server.register().await;
    let project = ann.project().await;
    let task = ann.task(project, json!({"title": "Grüße 🐢"})).await;
    let printed = backup(&installation, "backup.db").await.succeeded();
    assert!(printed.contains("jwt_private_key.pem"), "{printed}");
    let then = ann.get(format!("/tasks/{task}")).await.expect(200).data();
    ann.delete(format!("/tasks/{task}")).await.expect(204);
    let later = ann.task(project, json!({})).await;

    let refused = restore(&installation, "backup.db").await.failed(1);
    assert!(refused.contains("in use") && refused.lines().count() == 1, "{refused}");
    ann.get(format!("/tasks/{later}")).await.expect(200);
    // A server that was killed leaves a log; it belongs to what is kept.
    server.kill();
    let printed = restore(&installation, "backup.db").await.succeeded();
    assert!(printed.contains("fasttrack.db.before-restore"), "{printed}");

    let server = installation.start();
    let session = server.anonymous().with_token(&ann.access_token);
    assert_eq!(session.get(format!("/tasks/{task}")).await.expect(200).data(), then);
    session.get(format!("/tasks/{later}")).await.refused(404, "not_found");
    server.anonymous().post("/auth/refresh", json!({"refresh_token": ann.refresh_token})).await.expect(200);
    assert!(server.stop().await.success());

    let former = format!("sqlite://{}", absolute(&installation, "fasttrack.db.before-restore"));
    let server = installation.with("DATABASE_URL", former).start();
    let session = server.anonymous().with_token(&ann.access_token);
    session.get(format!("/tasks/{later}")).await.expect(200);
    session.get(format!("/tasks/{task}")).await.refused(404, "not_found");
}

#[tokio::test]
async fn backup_of_older_version_is_migrated_at_start() {
    let installation = lived_in().await;
    installation.sql(
        "DROP TABLE inboxes; DELETE FROM __diesel_schema_migrations WHERE version = '20261121000007';
         DELETE FROM schema_expansions WHERE version = '20261121000007'",
    );
    backup(&installation, "backup.db").await.succeeded();
    let printed = restore(&installation, "backup.db").await.succeeded();
    assert!(printed.contains("schema 2026"), "{printed}");
    let migrated = installation.command(["migrate"]).run().await.succeeded();
    assert!(migrated.contains("inboxes"), "{migrated}");
}

/// An installation with an account.
async fn lived_in() -> Installation {
    let installation = Installation::new();
    installation.command(["user", "create", "--email", "a@example.org"]).input(PASSWORD).run().await.succeeded();
    installation
}

#[tokio::test]
async fn invalid_backup_is_refused_and_changes_nothing() {
    let installation = lived_in().await;
    backup(&installation, "backup.db").await.succeeded();
    let whole = fs::read(installation.path("backup.db")).unwrap();
    let write = |name: &str, content: &[u8]| fs::write(installation.path(name), content).unwrap();
    write("empty.db", b"");
    write("garbage.db", &b"garbage".repeat(2000));
    write("truncated.db", &whole[..whole.len() / 2]);
    write("cut.db", &whole[..whole.len() - 1000]);
    write("copied.db", &whole);
    write("copied.db-wal", b"the rest");
    let newer = "INSERT INTO __diesel_schema_migrations (version) VALUES ('99990101000000')";
    for (name, begin, sql) in [("foreign.db", &[][..], "CREATE TABLE t (x)"), ("newer.db", &whole, newer)] {
        let other = Installation::new();
        fs::write(other.path("fasttrack.db"), begin).unwrap();
        other.sql(sql);
        write(name, &fs::read(other.path("fasttrack.db")).unwrap());
    }
    // Behind the header, which says whether there is a log.
    let database = || fs::read(installation.path("fasttrack.db")).unwrap().split_off(100);
    let before = database();
    for (name, reason) in [
        ("nowhere.db", "does not exist"),
        ("empty.db", "none of this program"),
        ("garbage.db", "not a SQLite database"),
        ("truncated.db", "damaged"),
        ("cut.db", "damaged"),
        ("copied.db", "log beside it"),
        ("foreign.db", "none of this program"),
        ("newer.db", "99990101000000"),
        (".", "no file"),
        ("fasttrack.db", "the database itself"),
    ] {
        let said = restore(&installation, name).await.failed(1);
        assert!(said.contains(reason), "{name}: {said}");
        let last = said.lines().last().unwrap();
        assert!(last.starts_with("error: nothing was restored: ") && last.contains(name), "{said}");
        assert!(database() == before, "{name}");
        assert!(!installation.path("fasttrack.db.before-restore").exists(), "{name}");
    }
    assert!(leftovers(&installation.path("")).is_empty());
}

#[tokio::test]
async fn failed_backup_leaves_and_overwrites_nothing() {
    let installation = lived_in().await;
    fs::write(installation.path("precious.db"), "precious").unwrap();
    std::os::unix::fs::symlink("nowhere", installation.path("link.db")).unwrap();
    for (out, reason) in [
        ("precious.db", "precious.db exists already"),
        ("link.db", "link.db exists already"),
        ("fasttrack.db", "exists already"),
        ("nowhere/backup.db", "nowhere does not exist"),
        ("/proc/backup.db", "/proc"),
        (".", "exists already"),
    ] {
        let said = backup(&installation, out).await.failed(1);
        assert!(said.contains("error: there is no backup: ") && said.contains(reason), "{out}: {said}");
        assert_eq!(said.lines().count(), 1, "{said}");
    }
    assert_eq!(installation.read("precious.db"), "precious");
    assert!(leftovers(&installation.path("")).is_empty());

    let empty = Installation::new();
    let said = backup(&empty, "backup.db").await.failed(1);
    assert!(said.contains("fasttrack.db does not exist") && !empty.path("backup.db").exists(), "{said}");
    for wrong in [vec!["backup"], vec!["backup", "--out"], vec!["restore"], vec!["restore", "backup.db"]] {
        installation.command(wrong).run().await.failed(2);
    }
}

#[tokio::test]
async fn backup_commands_refuse_other_databases() {
    let installation = Installation::new();
    let secret = "sesame";
    for (url, reason) in [("sqlite::memory:", "in memory"), ("postgres://ann:sesame@127.0.0.1:1/x", "pg_")] {
        let installation = installation.clone().with("DATABASE_URL", url);
        for output in [backup(&installation, "out.db").await, restore(&installation, "out.db").await] {
            let said = output.failed(1);
            assert!(said.contains(reason) && !said.contains(secret), "{said}");
        }
    }
}

#[tokio::test]
async fn killed_backup_leaves_no_file_of_its_name() {
    let server = Installation::new().start();
    let installation = server.installation().clone();
    let ann = server.register().await;
    let project = ann.project().await;
    // Enough that it takes a while.
    installation.sql(&format!(
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 10000)
         INSERT INTO tasks (project_id, title, description, status, priority, created_at, updated_at, version)
         SELECT {project}, 'x', hex(zeroblob(3000)), 'todo', 'low', 0, 0, 1 FROM n"
    ));
    let mut killed_midway = false;
    for n in 0..10 {
        let name = format!("backup-{n}.db");
        let mut running = installation.command(["backup", "--out", &name]).spawn();
        eventually("it has begun", async || {
            !leftovers(&installation.path("")).is_empty() || running.try_wait().unwrap().is_some()
        })
        .await;
        running.kill().unwrap();
        running.wait().unwrap();
        killed_midway |= !leftovers(&installation.path("")).is_empty();
        if installation.path(&name).exists() {
            // Then it's a whole one.
            restore(&another(&installation), &absolute(&installation, &name)).await.succeeded();
        }
        for name in leftovers(&installation.path("")) {
            let draft = installation.path(&name);
            assert_eq!(fs::metadata(&draft).unwrap().permissions().mode() & 0o777, 0o700);
            fs::remove_dir_all(draft).unwrap();
        }
    }
    assert!(killed_midway);
    // What was killed keeps nobody from anything.
    ann.task(project, json!({})).await;
    backup(&installation, "backup.db").await.succeeded();
}

#[tokio::test]
async fn token_issued_after_backup_is_invalid_after_restore() {
    let server = Server::start();
    let installation = server.installation().clone();
    let ann = server.register().await;
    backup(&installation, "backup.db").await.succeeded();
    let (bob, later) = (server.register().await, ann.log_in_again().await);
    server.kill();
    restore(&installation, "backup.db").await.succeeded();

    let server = installation.start();
    let carol = server.register().await;
    let again = carol.log_in_again().await;
    let sid = |account: &Account| jwt::claims(&account.access_token)["sid"].clone();
    assert_eq!((carol.id, sid(&carol), sid(&again)), (bob.id, sid(&bob), sid(&later)), "they have the same ids");

    for stranger in [&bob, &later] {
        let stranger = stranger.on(&server);
        for path in ["/auth/me", "/users/me", "/projects", "/auth/sessions", "/events"] {
            stranger.get(path).await.refused(401, "token_revoked");
        }
        let body = json!({"refresh_token": stranger.refresh_token});
        stranger.post("/auth/logout", body.clone()).await.refused(401, "token_revoked");
        server.anonymous().post("/auth/refresh", body.clone()).await.refused(401, "invalid_refresh_token");
        // Nor is a refresh token good for ending the session that has its id now.
        carol.on(&server).get("/auth/me").await.expect(200);
    }
    let body = json!({"refresh_token": bob.refresh_token});
    let second = carol.log_in_again().await;
    second.post("/auth/logout", body).await.expect(200);
    for present in [&ann, &carol, &again] {
        present.on(&server).get("/auth/me").await.expect(200);
    }
    let body = json!({"refresh_token": ann.refresh_token});
    server.anonymous().post("/auth/refresh", body).await.expect(200);
}
