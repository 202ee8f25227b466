//! The erasure of a user with thousands of tasks, comments and notifications.

use super::{DELETED, erased};
use fasttrack_tests::{Account, Installation, Server, all, eventually};
use serde_json::json;
use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

/// How many tasks the user owns, how many are assigned to it elsewhere, and how many comments it wrote there.
const ROWS: usize = 1_200;
const BATCH: usize = 40;

/// The longest that a write of somebody else may take: 100 ms, and time for a busy machine.
const PATIENCE: Duration = Duration::from_secs(1);

/// A user with [`ROWS`] of everything, and the owner of the project that it works in.
struct World {
    ann: Account,
    bob: Account,
    own: i64,
    shared: i64,
    discussed: i64,
}

impl World {
    async fn new(server: &Server) -> Self {
        let (ann, bob) = (server.register().await, server.register().await);
        let (own, shared) = (bob.project().await, ann.project().await);
        ann.share(shared, &bob, "editor").await;
        let discussed = ann.task(shared, json!({})).await;
        let assigned = json!({"title": "Dig", "assignee_id": bob.id});
        for _ in 0..ROWS / BATCH {
            let requests = (0..BATCH).flat_map(|_| {
                [
                    bob.post(format!("/projects/{own}/tasks"), json!({"title": "Dig"})),
                    ann.post(format!("/projects/{shared}/tasks"), assigned.clone()),
                    bob.post(format!("/tasks/{discussed}/comments"), json!({"body": "Deep"})),
                ]
            });
            for answer in all(requests).await {
                answer.expect(201);
            }
        }
        for (account, count) in [(&ann, ROWS), (&bob, ROWS)] {
            eventually("everything was told", async || newest(account).await >= count).await;
        }
        Self { ann, bob, own, shared, discussed }
    }

    /// Fails unless nothing of the user is left, but its comments.
    async fn is_clean(&self, server: &Server) {
        let (ann, admin) = (self.ann.on(server), server.admin().await);
        admin.get(format!("/projects/{}", self.own)).await.refused(404, "not_found");
        let of_bob = format!("/projects/{}/tasks?assignee_id={}", self.shared, self.bob.id);
        assert_eq!(ann.get(of_bob).await.expect(200).ids(), [0; 0]);
        let (mut comments, mut notifications) = (0, 0);
        for (list, name, count) in [
            (format!("/tasks/{}/comments", self.discussed), "/author/display_name", &mut comments),
            ("/notifications".to_owned(), "/data/author", &mut notifications),
        ] {
            let mut query = String::from("?limit=100");
            loop {
                let page = ann.get(format!("{list}{query}")).await.expect(200);
                for item in page.items() {
                    assert_eq!(item.pointer(name).unwrap(), DELETED, "{item:#}");
                    *count += 1;
                }
                let Some(cursor) = page.data()["next_cursor"].as_str().map(str::to_owned) else { break };
                query = format!("?limit=100&cursor={cursor}");
            }
        }
        assert_eq!((comments, notifications), (ROWS, ROWS));
    }
}

/// Returns the number of the newest notification.
async fn newest(account: &Account) -> usize {
    let items = account.get("/notifications?limit=1").await.expect(200).items();
    items.first().map_or(0, |item| item["seq"].as_u64().unwrap().try_into().unwrap())
}

/// Writes without a pause until it is stopped, and returns how long the slowest write took.
async fn keep_writing(account: Account, project: i64, stop: Arc<AtomicBool>) -> Duration {
    let mut slowest = Duration::ZERO;
    while !stop.load(Ordering::Relaxed) {
        let begin = Instant::now();
        account.task(project, json!({})).await;
        slowest = slowest.max(begin.elapsed());
    }
    slowest
}

#[tokio::test(flavor = "multi_thread")]
async fn erasure_of_thousands_of_rows_delays_no_writer() {
    let server = Server::start();
    let world = World::new(&server).await;
    let stop = Arc::<AtomicBool>::default();
    let mut writers = Vec::new();
    for _ in 0..3 {
        let other = server.register().await;
        let project = other.project().await;
        writers.push(tokio::spawn(keep_writing(other, project, Arc::clone(&stop))));
    }
    world.bob.erase().await.expect(204);
    erased(server.installation()).await;
    stop.store(true, Ordering::Relaxed);
    for writer in writers {
        let slowest = writer.await.unwrap();
        assert!(slowest < PATIENCE, "{slowest:?}");
    }
    world.is_clean(&server).await;
}

#[tokio::test]
async fn erasure_goes_on_after_a_kill() {
    let installation = Installation::new();
    let server = installation.start();
    let world = World::new(&server).await;
    let request = tokio::spawn(world.bob.erase().try_send());
    // From the first commit on the account is unusable, and the rest is under way.
    eventually("the account is unusable", async || world.bob.get("/auth/me").await.status == 401).await;
    server.kill();
    if let Some(answer) = request.await.unwrap() {
        answer.expect(204);
    }

    let server = installation.start();
    world.bob.on(&server).get("/auth/me").await.refused(401, "token_revoked");
    server.register_as(&world.bob.email).await;
    erased(&installation).await;
    world.is_clean(&server).await;
}
