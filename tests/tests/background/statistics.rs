//! Statistics of a project at `/projects/{id}/stats`.

use super::numbers::{come_right, counted, numbers, tasks};
use fastrand::Rng;
use fasttrack_tests::{Account, Installation, MISSING, Server, Team, has_fields, timestamp};
use serde_json::{Value, json};
use std::sync::{Arc, Mutex};

const STATUSES: [&str; 3] = ["todo", "in_progress", "done"];

#[tokio::test]
async fn new_project_has_zero_statistics() {
    let server = Server::shared();
    let ann = server.register().await;
    let project = ann.post("/projects", json!({"name": "Garden"})).await.expect(201).data();
    let statistics = ann.get(format!("/projects/{}/stats", project["id"])).await.expect(200).data();
    has_fields(&statistics, &["project_id", "todo", "in_progress", "done", "total", "updated_at"]);
    timestamp(&statistics["updated_at"]);
    let zeros = json!({"project_id": project["id"], "todo": 0, "in_progress": 0, "done": 0, "total": 0});
    for (name, value) in zeros.as_object().unwrap() {
        assert_eq!(&statistics[name], value, "{name}");
    }
}

#[tokio::test]
async fn assignee_without_role_reads_no_statistics() {
    let server = Server::shared();
    let (team, admin) = (Team::new(&server).await, server.admin().await);
    let path = format!("/projects/{}/stats", team.project);
    team.assignee.get(&path).await.refused(403, "forbidden");
    server.anonymous().get(&path).await.refused(401, "token_missing");
    team.owner.get(format!("/projects/{MISSING}/stats")).await.refused(404, "not_found");
    team.owner.get("/projects/x/stats").await.invalid(&["path.id"]);
    come_right(&admin, team.project).await;
    assert_eq!(numbers(&team.owner, team.project).await["total"], 1);
}

#[tokio::test]
async fn every_task_change_updates_statistics() {
    let server = Server::shared();
    let team = Team::new(&server).await;
    let (owner, project) = (&team.owner, team.project);
    let bystander = owner.project().await;
    for status in STATUSES {
        let path = format!("/tasks/{}", owner.task(project, json!({"status": status})).await);
        come_right(owner, project).await;
        owner.patch(&path, json!({"title": "Dig", "assignee_id": team.assignee.id})).await.expect(200);
        let next = if status == "in_progress" { "done" } else { "in_progress" };
        owner.patch(&path, json!({"status": next})).await.expect(200);
        come_right(owner, project).await;
        owner.delete(&path).await.expect(204);
        come_right(owner, project).await;
    }
    assert_eq!(numbers(owner, bystander).await["total"], 0);
}

#[tokio::test]
async fn deleted_project_delays_no_other_statistics() {
    let server = Server::shared();
    let team = Team::new(&server).await;
    for _ in 0..20 {
        let doomed = team.owner.project().await;
        team.owner.task(doomed, json!({"assignee_id": team.assignee.id})).await;
        team.owner.task(doomed, json!({"status": "done"})).await;
        team.owner.delete(format!("/projects/{doomed}")).await.expect(204);
        team.owner.get(format!("/projects/{doomed}/stats")).await.refused(404, "not_found");
    }
    team.toggle(1).await;
    come_right(&team.owner, team.project).await;
    // Whether the other projects were there when their events were dispatched doesn't matter.
    let mut socket = team.assignee.follow(0).await;
    while socket.next().await["type"] != "status_changed" {}
}

/// Makes `times` random changes to the tasks of a project.
async fn change(actor: Account, project: i64, tasks: Arc<Mutex<Vec<i64>>>, assignee: i64, mut rng: Rng, times: usize) {
    for _ in 0..times {
        let task = {
            let tasks = tasks.lock().unwrap();
            (!tasks.is_empty()).then(|| tasks[rng.usize(..tasks.len())])
        };
        let status = STATUSES[rng.usize(..3)];
        match (rng.usize(..10), task) {
            (0..=3, _) | (_, None) => {
                let task = actor.task(project, json!({"status": status})).await;
                tasks.lock().unwrap().push(task);
            }
            (4, Some(task)) => {
                // Of two that delete it one comes too late.
                let answer = actor.delete(format!("/tasks/{task}")).await;
                assert!(matches!(answer.status, 204 | 404), "{answer:#?}");
            }
            (5..=8, Some(task)) => {
                // Not every step is legal, and the task may be gone.
                let answer = actor.patch(format!("/tasks/{task}"), json!({"status": status})).await;
                assert!(matches!(answer.status, 200 | 404 | 409), "{answer:#?}");
            }
            (_, Some(task)) => {
                let change = json!({"assignee_id": if rng.bool() { json!(assignee) } else { Value::Null }});
                let answer = actor.patch(format!("/tasks/{task}"), change).await;
                assert!(matches!(answer.status, 200 | 404), "{answer:#?}");
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn concurrent_random_changes_are_counted_exactly() {
    let seed = fastrand::u64(..);
    println!("seed {seed}");
    let mut rng = Rng::with_seed(seed);
    let server = Server::shared();
    let (team, admin, other) = (Team::new(&server).await, server.admin().await, server.admin().await);
    let existing = Arc::new(Mutex::new(Vec::new()));
    let actors = [team.owner.clone(), team.owner.log_in_again().await, admin, other];
    let changes: Vec<_> = actors
        .into_iter()
        .map(|actor| {
            let (existing, assignee) = (Arc::clone(&existing), team.assignee.id);
            tokio::spawn(change(actor, team.project, existing, assignee, rng.fork(), 50))
        })
        .collect();
    for change in changes {
        change.await.unwrap();
    }
    come_right(&team.owner, team.project).await;
}

#[tokio::test]
async fn rebuild_corrects_wrong_statistics() {
    let installation = Installation::new();
    let server = installation.start();
    let (team, other) = (Team::new(&server).await, Team::new(&server).await);
    team.owner.task(team.project, json!({"status": "done"})).await;
    for team in [&team, &other] {
        come_right(&team.owner, team.project).await;
    }
    let untouched = other.owner.get(format!("/projects/{}/stats", other.project)).await.expect(200).data();
    let right = numbers(&team.owner, team.project).await;
    for falsify in ["UPDATE project_statistics SET todo = 70, done = 0", "DELETE FROM project_statistics"] {
        installation.sql(&format!("{falsify} WHERE project_id = {}", team.project));
        assert_ne!(numbers(&team.owner, team.project).await, right);
        let said = installation.command(["stats", "rebuild"]).run().await.succeeded();
        assert!(said.contains('1'), "{said}");
        assert_eq!(numbers(&team.owner, team.project).await, right);
    }
    let said = installation.command(["stats", "rebuild"]).run().await.succeeded();
    assert!(said.contains('0'), "{said}");
    assert_eq!(other.owner.get(format!("/projects/{}/stats", other.project)).await.expect(200).data(), untouched);
}

#[tokio::test(flavor = "multi_thread")]
async fn rebuild_under_writes_counts_nothing_twice() {
    let installation = Installation::new();
    let server = installation.start();
    let team = Team::new(&server).await;
    let existing = Arc::new(Mutex::new(Vec::new()));
    let writers: Vec<_> = (0..4)
        .map(|_| {
            let (actor, existing) = (team.owner.clone(), Arc::clone(&existing));
            tokio::spawn(change(actor, team.project, existing, team.assignee.id, Rng::new(), 100))
        })
        .collect();
    for _ in 0..4 {
        installation.sql("UPDATE project_statistics SET todo = todo + 1");
        installation.command(["stats", "rebuild"]).run().await.succeeded();
    }
    for writer in writers {
        writer.await.unwrap();
    }
    installation.command(["stats", "rebuild"]).run().await.succeeded();
    come_right(&team.owner, team.project).await;
    assert_eq!(counted(&tasks(&team.owner, team.project).await), numbers(&team.owner, team.project).await);
}
