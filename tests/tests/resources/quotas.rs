use fasttrack_tests::{Answer, Installation, Server, all};
use serde_json::json;

fn start() -> Server {
    let quotas = [("MAX_PROJECTS_PER_USER", "2"), ("MAX_TASKS_PER_PROJECT", "3"), ("MAX_COMMENTS_PER_TASK", "1")];
    quotas.iter().fold(Installation::new(), |installation, (name, value)| installation.with(name, value)).start()
}

/// Fails unless the error states the limit and the remedy.
#[track_caller]
fn full(answer: Answer, limit: &str) {
    let answer = answer.refused(409, "quota_exceeded");
    let message = answer.json()["error"]["message"].to_string();
    assert!(message.contains(limit) && message.contains("delete"), "{message}");
}

#[tokio::test]
async fn each_quota_is_enforced() {
    let server = start();
    let (ann, other) = (server.register().await, server.register().await);
    let [first, second] = [ann.project().await, ann.project().await];
    full(ann.post("/projects", json!({"name": "Third"})).await, "2 projects");
    other.project().await;
    let tasks = [ann.task(first, json!({})).await, ann.task(first, json!({})).await, ann.task(first, json!({})).await];
    full(ann.post(format!("/projects/{first}/tasks"), json!({"title": "Fourth"})).await, "3 tasks");
    ann.task(second, json!({})).await;
    let comment = ann.comment(tasks[0]).await;
    full(ann.post(format!("/tasks/{}/comments", tasks[0]), json!({"body": "Second"})).await, "1 comments");
    ann.comment(tasks[1]).await;

    // What goes makes room.
    ann.delete(format!("/comments/{comment}")).await.expect(204);
    ann.comment(tasks[0]).await;
    ann.delete(format!("/tasks/{}", tasks[2])).await.expect(204);
    ann.task(first, json!({})).await;
    ann.delete(format!("/projects/{second}")).await.expect(204);
    ann.project().await;
}

#[tokio::test]
async fn todos_and_inbox_count_against_quotas() {
    let server = start();
    let ann = server.register().await;
    let todos = format!("/api/{}/tasks", ann.id);
    for title in ["One", "Two", "Three"] {
        ann.post(&todos, json!({"title": title})).await.expect(201);
    }
    let refused = ann.post(&todos, json!({"title": "Four"})).await.problem(409, "quota_exceeded");
    assert_eq!(refused, Vec::<String>::new());
    ann.project().await;
    full(ann.post("/projects", json!({"name": "Third"})).await, "2 projects");

    let bob = server.register().await;
    let project = bob.project().await;
    bob.project().await;
    let todos = format!("/api/{}/tasks", bob.id);
    bob.post(&todos, json!({"title": "One"})).await.problem(409, "quota_exceeded");
    bob.delete(format!("/projects/{project}")).await.expect(204);
    bob.post(&todos, json!({"title": "One"})).await.expect(201);
}

#[tokio::test]
async fn concurrent_creations_do_not_exceed_quota() {
    let server = start();
    let ann = server.register().await;
    let project = ann.project().await;
    let path = format!("/projects/{project}/tasks");
    let answers = all((0..20).map(|n| ann.post(&path, json!({"title": format!("Task {n}")})))).await;
    let created = answers.iter().filter(|answer| answer.status == 201).count();
    let refused = answers.iter().filter(|answer| answer.code() == "quota_exceeded").count();
    assert_eq!((created, refused), (3, 17));
    assert_eq!(ann.get(&path).await.expect(200).items().len(), 3);
}

#[tokio::test]
async fn replay_of_last_creation_ignores_full_quota() {
    let server = start();
    let ann = server.register().await;
    ann.project().await;
    let create = |key| ann.post("/projects", json!({"name": "Last"})).header("Idempotency-Key", key);
    let first = create("last").await.expect(201);
    let again = create("last").await.expect(201);
    assert_eq!((again.id(), again.header("idempotency-replayed")), (first.id(), Some("true")));
    full(create("another").await, "2 projects");
}

#[tokio::test]
async fn invalid_quota_prevents_start() {
    for (name, wrong) in
        [("MAX_PROJECTS_PER_USER", "0"), ("MAX_TASKS_PER_PROJECT", "many"), ("MAX_COMMENTS_PER_TASK", "-1")]
    {
        let failed = Installation::new().with(name, wrong).command(["serve"]).run().await.failed(2);
        assert!(failed.contains(name), "{failed}");
    }
}
