//! A database that another process has locked.

use diesel::{Connection, SqliteConnection, connection::SimpleConnection};
use fasttrack_tests::{Installation, all, eventually};
use serde_json::json;
use std::time::{Duration, Instant};
use tokio::task::JoinSet;

/// More writes than the queue holds.
const WRITES: usize = 1500;

#[tokio::test(flavor = "multi_thread")]
async fn locked_database_serves_reads_and_refuses_writes_in_time() {
    let server = Installation::new().start();
    let ann = server.register().await;
    let project = ann.project().await;
    let task = ann.task(project, json!({})).await;
    let path = format!("/projects/{project}/tasks");
    let create = || ann.post(&path, json!({"title": "Wait"}));
    // Everything that takes memory once has taken it.
    all((0..WRITES).map(|_| create())).await;
    let before = server.memory();

    let mut other = SqliteConnection::establish(server.installation().path("fasttrack.db").to_str().unwrap()).unwrap();
    // What follows from the first writes may still be written.
    other.batch_execute("PRAGMA busy_timeout = 30000; BEGIN IMMEDIATE").unwrap();
    let begin = Instant::now();
    let mut writes: JoinSet<_> = (0..WRITES).map(|_| create().into_future()).collect();
    let (mut reads, mut refused) = (0, 0);
    while !writes.is_empty() {
        tokio::select! {
            biased;
            read = ann.get(format!("/tasks/{task}")).into_future() => {
                read.expect(200);
                reads += 1;
            }
            Some(answer) = writes.join_next() => {
                let answer = answer.unwrap();
                if answer.status == 408 {
                    // The test itself was too slow to send the request, on a busy machine.
                    writes.spawn(create().into_future());
                    continue;
                }
                let answer = answer.refused(503, "unavailable");
                assert!(answer.header("retry-after").unwrap().parse::<u32>().unwrap() >= 1);
                refused += 1;
            }
        }
    }
    // A lock is waited for 5 s, and nobody waits for it twice in a row.
    assert!(begin.elapsed() < Duration::from_secs(20), "{:?}", begin.elapsed());
    assert_eq!(refused, WRITES);
    assert!(reads > 0);
    let more = server.memory().saturating_sub(before) >> 20;
    assert!(more < 64, "{more} MiB more");

    other.batch_execute("ROLLBACK").unwrap();
    eventually("it goes on", async || create().await.status == 201).await;
}
