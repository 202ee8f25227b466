use fasttrack_tests::{Answer, Installation, PASSWORD, eventually};
use serde_json::json;
use std::{
    collections::BTreeSet,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering::Relaxed},
    },
};
use tokio::task::JoinSet;

/// Fails unless a refusal has `Retry-After`.
fn refused(answer: Answer) {
    let answer = answer.refused(503, "unavailable");
    assert!(answer.header("retry-after").unwrap().parse::<u32>().unwrap() >= 1);
}

#[tokio::test]
async fn login_storm_starves_no_other_request() {
    let server = Installation::new().with("BCRYPT_COST", "12").start();
    // Somebody else than who reads, as 64 logins are more than one user has sessions.
    let (ann, bob) = (server.register().await, server.register().await);
    let task = ann.task(ann.project().await, json!({})).await;
    let login = json!({"email": bob.email, "password": PASSWORD});
    let mut logins: JoinSet<_> =
        (0..64).map(|_| server.anonymous().post("/auth/login", login.clone()).into_future()).collect();

    let mut answers = Vec::new();
    let mut reads = 0;
    while !logins.is_empty() {
        tokio::select! {
            biased;
            read = ann.get(format!("/tasks/{task}")).into_future() => {
                read.expect(200);
                reads += 1;
            }
            Some(answer) = logins.join_next() => answers.push(answer.unwrap()),
        }
    }
    assert_eq!(answers.len(), 64);
    assert!(reads >= 64, "{reads} reads during 64 logins");
    let (done, others): (Vec<_>, Vec<_>) = answers.into_iter().partition(|answer| answer.status == 200);
    assert!(!done.is_empty());
    for answer in others {
        refused(answer);
    }
    // The storm leaves nothing behind.
    server.anonymous().post("/auth/login", login).await.expect(200);
}

/// Clients that send the next request as soon as they have a response.
const CLIENTS: usize = 128;

#[tokio::test(flavor = "multi_thread")]
async fn overload_is_refused_and_acknowledged_writes_are_kept() {
    let server = Installation::new().with("MAX_QUEUE_MILLISECONDS", "20").with("WORKERS", "1").start();
    let ann = Arc::new(server.register().await);
    let path = format!("/projects/{}/tasks", ann.project().await);
    let (refusals, is_over) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicBool::new(false)));
    let mut clients = JoinSet::new();
    for _ in 0..CLIENTS {
        let (ann, path) = (Arc::clone(&ann), path.clone());
        let (refusals, is_over) = (Arc::clone(&refusals), Arc::clone(&is_over));
        clients.spawn(async move {
            let mut created = Vec::new();
            while !is_over.load(Relaxed) {
                let list = ann.get(format!("{path}?limit=100")).await;
                let create = ann.post(&path, json!({"title": "Water"})).await;
                if create.status == 201 {
                    created.push(create.id());
                }
                for answer in [list, create].into_iter().filter(|answer| !matches!(answer.status, 200 | 201)) {
                    // To be refused costs nobody a connection.
                    assert_eq!(answer.header("connection"), None, "{answer:#?}");
                    refused(answer);
                    refusals.fetch_add(1, Relaxed);
                }
            }
            created
        });
    }
    eventually("some are refused", async || {
        server.anonymous().get("/health/live").await.expect(200);
        server.anonymous().get("/health/ready").await.expect(200);
        refusals.load(Relaxed) >= CLIENTS
    })
    .await;
    is_over.store(true, Relaxed);
    let mut acknowledged: Vec<i64> = clients.join_all().await.concat();
    acknowledged.sort_unstable();

    let mut stored = BTreeSet::new();
    let mut cursor = String::new();
    loop {
        let mut page = None;
        eventually("it recovers", async || {
            page = Some(ann.get(format!("{path}?limit=100{cursor}")).await).filter(|page| page.status == 200);
            page.is_some()
        })
        .await;
        let page = page.unwrap();
        stored.extend(page.ids());
        let Some(next) = page.data()["next_cursor"].as_str().map(|next| format!("&cursor={next}")) else { break };
        cursor = next;
    }
    assert!(stored.iter().eq(&acknowledged), "{} stored, {} acknowledged", stored.len(), acknowledged.len());
    assert!(server.log().contains("overloaded"));
}
