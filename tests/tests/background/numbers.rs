//! Statistics of a project, and the expected values.

use fasttrack_tests::{Client, eventually};
use serde_json::{Value, json};
use std::time::{Duration, Instant};

/// Statistics are up to date after two seconds; a busy machine may take twice as long.
const SOON: Duration = Duration::from_secs(4);

pub async fn numbers(client: &Client, project: i64) -> Value {
    let all = client.get(format!("/projects/{project}/stats")).await.expect(200).data();
    json!({"todo": all["todo"], "in_progress": all["in_progress"], "done": all["done"], "total": all["total"]})
}

pub async fn tasks(client: &Client, project: i64) -> Vec<Value> {
    let mut tasks = Vec::new();
    let mut path = format!("/projects/{project}/tasks?limit=100");
    loop {
        let page = client.get(&path).await.expect(200);
        tasks.extend(page.items());
        let Some(cursor) = page.data()["next_cursor"].as_str().map(str::to_owned) else { return tasks };
        path = format!("/projects/{project}/tasks?limit=100&cursor={cursor}");
    }
}

/// Counts the tasks of each status, in the form of the statistics.
pub fn counted(tasks: &[Value]) -> Value {
    let count = |status: &str| tasks.iter().filter(|task| task["status"] == status).count();
    let [todo, in_progress, done] = ["todo", "in_progress", "done"].map(count);
    json!({"todo": todo, "in_progress": in_progress, "done": done, "total": tasks.len()})
}

/// Waits until the server's statistics equal the counted ones.
pub async fn come_right(client: &Client, project: i64) {
    let begin = Instant::now();
    let expected = counted(&tasks(client, project).await);
    let mut got = Value::Null;
    eventually(&format!("the numbers of project {project} are {expected}"), async || {
        got = numbers(client, project).await;
        got == expected
    })
    .await;
    assert!(begin.elapsed() < SOON, "after {:?}", begin.elapsed());
}
