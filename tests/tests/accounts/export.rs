//! GET `/users/me/export`.

use fasttrack_tests::{Account, Answer, BARE, ENVELOPE, PASSWORD, Server, Team, all, eventually, has_fields};
use serde_json::{Value, json};

const PARTS: [&str; 8] = ["user", "sessions", "identities", "projects", "tasks", "comments", "notifications", "tokens"];

async fn export(account: &Account) -> Answer {
    account.get("/users/me/export").await.expect(200)
}

fn ids(part: &Value) -> Vec<i64> {
    part.as_array().unwrap().iter().map(|item| item["id"].as_i64().unwrap()).collect()
}

#[tokio::test]
async fn new_account_has_an_almost_empty_export() {
    let server = Server::shared();
    let ann = server.register().await;
    let answer = export(&ann).await;
    let export = answer.json();
    has_fields(&export, &PARTS);
    assert_eq!(export["user"], ann.get("/users/me").await.expect(200).data());
    assert_eq!(export["sessions"].as_array().unwrap().len(), 1);
    for part in ["identities", "projects", "tasks", "comments", "notifications", "tokens"] {
        assert_eq!(export[part], json!([]), "{part}");
    }
}

#[tokio::test]
async fn export_is_a_bare_download_whatever_is_accepted() {
    let server = Server::shared();
    let ann = server.register().await;
    for accept in [BARE, ENVELOPE, "application/json", "text/html", "*/*"] {
        let answer = ann.get("/users/me/export").accept(accept).await.expect(200);
        has_fields(&answer.json(), &PARTS);
        assert!(answer.header("content-disposition").unwrap().starts_with("attachment"), "{answer:#?}");
        assert!(answer.header("content-type").unwrap().starts_with("application/json"), "{answer:#?}");
        assert_eq!(answer.header("cache-control"), Some("no-store"), "{answer:#?}");
    }
    server.anonymous().get("/users/me/export").await.refused(401, "token_missing");
}

#[tokio::test]
async fn export_has_what_is_the_users_and_nothing_else() {
    let server = Server::shared();
    let (ann, bob, eve) = (server.register().await, server.register().await, server.register().await);
    ann.log_in_again().await;
    let (garden, yard, eves) = (ann.project().await, bob.project().await, eve.project().await);
    for account in [&ann, &bob] {
        account.api_token(json!({"scopes": ["tasks:read"], "expires_at": "2999-12-01T00:00:00Z"})).await;
    }
    let ended = ann.api_token(json!({"scopes": ["tasks:read"]})).await;
    ann.delete(ended.path()).await.expect(204);
    for (owner, project, member) in [(&ann, garden, &bob), (&bob, yard, &ann), (&eve, eves, &ann)] {
        owner.share(project, member, "editor").await;
    }
    ann.post(format!("/api/{}/tasks", ann.id), json!({"title": "Rest"})).await.expect(201);
    let todo = ann.get(format!("/api/{}/tasks", ann.id)).await.expect(200).json()[0]["id"].as_i64().unwrap();
    // Of the own project everything, whoever made it; of others what is assigned, and what was written.
    let own = [ann.task(garden, json!({})).await, bob.task(garden, json!({"assignee_id": bob.id})).await];
    let assigned = bob.task(yard, json!({"assignee_id": ann.id})).await;
    let others = bob.task(yard, json!({})).await;
    let comments = [bob.comment(own[0]).await, ann.comment(own[1]).await, ann.comment(others).await];
    let foreign = [bob.comment(assigned).await, bob.comment(others).await];
    eventually("everything was told", async || ann.get("/notifications").await.expect(200).items().len() == 5).await;

    let export = export(&ann).await.json();
    assert_eq!(export["sessions"].as_array().unwrap().len(), 2);
    let projects = ann.get("/projects?role=owner").await.expect(200).items();
    assert_eq!(export["projects"], json!(projects));
    assert_eq!(export["tokens"], json!(ann.get("/auth/tokens").await.expect(200).items()));
    assert_eq!(ids(&export["tokens"]).len(), 1);
    let mut tasks = ids(&export["tasks"]);
    tasks.sort_unstable();
    assert_eq!(tasks, [todo, own[0], own[1], assigned]);
    for task in export["tasks"].as_array().unwrap() {
        assert_eq!(*task, ann.get(format!("/tasks/{}", task["id"])).await.expect(200).data());
    }
    let mut written = ids(&export["comments"]);
    written.sort_unstable();
    assert_eq!(written, comments);
    assert!(foreign.iter().all(|id| !written.contains(id)));
    let of_own = ann.get(format!("/tasks/{}/comments", own[0])).await.expect(200).items();
    assert!(export["comments"].as_array().unwrap().contains(&of_own[0]), "{export:#}");
    let list = ann.get("/notifications?limit=100").await.expect(200).items();
    let mut told = export["notifications"].as_array().unwrap().clone();
    told.sort_by_key(|item| std::cmp::Reverse(item["seq"].as_i64()));
    assert_eq!(told, list);
}

#[tokio::test]
async fn export_has_no_secret() {
    let server = Server::shared();
    let team = Team::new(&server).await;
    let ann = &team.assignee;
    let again = ann.log_in_again().await;
    let ticket = ann.post("/ws/ticket", json!({})).await.expect(201).data()["ticket"].as_str().unwrap().to_owned();
    let token = ann.api_token(json!({"scopes": ["tasks:read"]})).await.token;
    let body = export(ann).await.body;
    let secrets = [
        PASSWORD,
        "$2",
        "password",
        "hash",
        "token_epoch",
        &ticket,
        &token[3..46],
        &ann.access_token,
        &ann.refresh_token,
        &again.access_token,
        &again.refresh_token,
    ];
    for secret in secrets {
        assert!(!body.contains(secret), "{secret}: {body}");
    }
}

#[tokio::test]
async fn export_of_thousands_of_rows_is_complete() {
    const TASKS: usize = 1_100;
    let server = Server::shared();
    let (ann, bob) = (server.register().await, server.register().await);
    let (own, others) = (ann.project().await, bob.project().await);
    let mut expected = Vec::new();
    for _ in 0..TASKS / 50 {
        let requests = (0..50).map(|n| {
            if n % 2 == 0 {
                ann.post(format!("/projects/{own}/tasks"), json!({"title": "Dig"}))
            } else {
                bob.post(format!("/projects/{others}/tasks"), json!({"title": "Mow", "assignee_id": ann.id}))
            }
        });
        expected.extend(all(requests).await.into_iter().map(|answer| answer.expect(201).id()));
    }
    let (here, there) = (ann.task(own, json!({})).await, bob.task(others, json!({"assignee_id": ann.id})).await);
    expected.extend([here, there]);
    for _ in 0..TASKS / 50 {
        let comment = |task: i64| ann.post(format!("/tasks/{task}/comments"), json!({"body": "Deep"}));
        for answer in all((0..50).map(|n| comment(if n % 2 == 0 { here } else { there }))).await {
            answer.expect(201);
        }
    }
    let export = export(&ann).await.json();
    let mut tasks = ids(&export["tasks"]);
    tasks.sort_unstable();
    expected.sort_unstable();
    assert_eq!(tasks, expected);
    let mut comments = ids(&export["comments"]);
    comments.sort_unstable();
    comments.dedup();
    assert_eq!(comments.len(), TASKS);
}

#[tokio::test]
async fn export_ends_with_the_account() {
    let server = Server::shared();
    let ann = server.register().await;
    ann.erase().await.expect(204);
    ann.get("/users/me/export").await.refused(401, "token_revoked");
}
