use super::{absolute, another, backup, leftovers, lived_in, restore, rows};
use fasttrack_tests::{Account, Installation, Server, all, eventually};
use serde_json::json;
use std::{
    fs,
    os::unix::fs::{PermissionsExt, symlink},
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
};
use tokio::task::JoinSet;

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
async fn failed_backup_leaves_and_overwrites_nothing() {
    let installation = lived_in().await;
    fs::write(installation.path("precious.db"), "precious").unwrap();
    symlink("nowhere", installation.path("link.db")).unwrap();
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
