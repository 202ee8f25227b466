//! Tokens that are for some projects, and the others.

use super::OF_PROJECTS;
use fasttrack_tests::{
    Account, Client, Installation, Request, Server,
    access::{ENDPOINT, OPERATIONS, Row, body},
    unique_email,
};
use reqwest::Method;
use serde_json::{Value, json};

/// A project with everything that a path of [`OPERATIONS`] names.
struct Garden {
    ids: Vec<(&'static str, i64)>,
    project: i64,
    task: i64,
}

impl Garden {
    /// `author` has written a comment.
    async fn new(owner: &Account, member: &Account, author: &Account) -> Self {
        let project = owner.project().await;
        owner.share(project, member, "viewer").await;
        let task = owner.task(project, json!({"assignee_id": author.id})).await;
        let label = owner.post(format!("/projects/{project}/labels"), json!({"name": "Soon"})).await.expect(201).id();
        let comment = author.comment(task).await;
        let webhooks = format!("/projects/{project}/webhooks");
        let webhook = owner.post(&webhooks, json!({"url": ENDPOINT, "types": ["task.deleted"]})).await.expect(201).id();
        owner.request(Method::POST, format!("/webhooks/{webhook}/test")).await.expect(202);
        let deliveries = owner.get(format!("/webhooks/{webhook}/deliveries")).await.expect(200).ids();
        let ids = vec![
            ("{webhook}", webhook),
            ("{delivery}", deliveries[0]),
            ("{project}", project),
            ("{task}", task),
            ("{label}", label),
            ("{missing}", fasttrack_tests::MISSING),
            ("{own comment}", comment),
            ("{comment by member}", comment),
            ("{invitation}", owner.invite(project, &unique_email("guest"), "viewer").await),
            ("{member}", member.id),
            ("{user}", author.id),
            ("{self}", author.id),
        ];
        Self { ids, project, task }
    }

    fn request(&self, client: &Client, method: &str, route: &str) -> Request {
        let (mut path, mut text) = (route.to_owned(), body(method, route).to_string());
        for (name, id) in &self.ids {
            path = path.replace(name, &id.to_string());
            text = text.replace(&format!("\"{name}\""), &id.to_string());
        }
        let request = client.request(method.parse().unwrap(), path);
        if text == "null" { request } else { request.body("application/json", text) }
    }

    /// Returns everything in the project.
    async fn shown(&self, owner: &Account) -> Vec<Value> {
        let Self { project, task, .. } = self;
        let lists =
            ["members", "labels", "invitations", "tasks", "webhooks"].map(|list| format!("/projects/{project}/{list}"));
        let mut shown = Vec::new();
        for path in [format!("/projects/{project}"), format!("/tasks/{task}/comments")].iter().chain(&lists) {
            shown.push(owner.get(path).await.expect(200).data());
        }
        shown
    }
}

/// Whether the path of an operation leads to something in a project.
fn is_in_project(route: &str) -> bool {
    let objects = ["{project}", "{task}", "{label}", "{webhook}", "{delivery}", "{own comment}", "{comment by member}"];
    route.split('/').nth(2).is_some_and(|object| objects.contains(&object))
}

#[tokio::test]
async fn every_route_of_another_project_is_forbidden() {
    // Refusals are audited up to a number, which others would miss.
    let server = Installation::new().with("WEBHOOK_ALLOW_NETWORKS", "127.0.0.0/8").start();
    let (owner, member, admin) = (server.register().await, server.register().await, server.admin().await);
    let (mut tried, mut wrong) = (0, Vec::new());
    for account in [&owner, &admin] {
        let inside = Garden::new(&owner, &member, account).await;
        let outside = Garden::new(&owner, &member, account).await;
        let token = account.api_token(json!({"scopes": OF_PROJECTS, "project_ids": [inside.project]})).await;
        let before = outside.shown(&owner).await;
        for &(method, route, _) in OPERATIONS.iter().filter(|(_, route, _): &&Row| is_in_project(route)) {
            tried += 1;
            let answer = outside.request(&token, method, route).await;
            if (answer.status, answer.code().as_str()) != (403, "forbidden") {
                wrong.push(answer);
            } else if method == "GET" {
                inside.request(&token, method, route).await.expect(200);
            }
        }
        assert_eq!(outside.shown(&owner).await, before);
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    assert!(tried > 60, "{tried}");
}

#[tokio::test]
async fn token_for_some_projects_makes_no_project_and_no_inbox() {
    let server = Server::shared();
    let (ann, admin) = (server.register().await, server.admin().await);
    let (inside, outside) = (ann.project().await, ann.project().await);
    let narrow = json!({"scopes": OF_PROJECTS, "project_ids": [inside]});
    let (of_ann, of_admin) = (ann.api_token(narrow.clone()).await, admin.api_token(narrow).await);
    let wide = ann.api_token(json!({"scopes": OF_PROJECTS})).await;
    for token in [&of_ann, &of_admin] {
        token.post("/projects", json!({"name": "Yard"})).await.refused(403, "forbidden");
    }
    // Nor does it get what was made before.
    let tasks = format!("/projects/{outside}/tasks");
    for (path, body) in [("/projects", json!({"name": "Yard"})), (tasks.as_str(), json!({"title": "Dig"}))] {
        let create = |client: &Client| client.post(path, body.clone()).header("idempotency-key", path).into_future();
        let made = create(&ann).await.expect(201).data();
        create(&of_ann).await.refused(403, "forbidden");
        let again = create(&wide).await.expect(201);
        assert_eq!((again.data(), again.header("idempotency-replayed")), (made, Some("true")));
    }

    let todos = format!("/api/{}/tasks", ann.id);
    of_ann.get(&todos).await.problem(403, "forbidden");
    of_ann.post(&todos, json!({"title": "Rest"})).await.problem(403, "forbidden");
    assert_eq!(ann.get("/projects").await.expect(200).ids().len(), 3, "there is no Inbox");
    let todo = ann.post(&todos, json!({"title": "Rest"})).await.expect(201).json()["id"].as_i64().unwrap();
    let inbox = ann.get("/projects").await.expect(200).ids()[3];
    of_ann.get(&todos).await.problem(403, "forbidden");
    of_ann.delete(format!("{todos}/{todo}")).await.problem(403, "forbidden");
    let of_inbox = ann.api_token(json!({"scopes": ["tasks:write"], "project_ids": [inbox]})).await;
    assert_eq!(of_inbox.get(&todos).await.expect(200).json()[0]["id"], todo);
    of_inbox.post(&todos, json!({"title": "Sleep"})).await.expect(201);
    of_inbox.delete(format!("{todos}/{todo}")).await.expect(204);
}

#[tokio::test]
async fn projects_of_a_token_reach_no_others_by_their_contents() {
    let server = Server::shared();
    let ann = server.register().await;
    let (inside, outside) = (ann.project().await, ann.project().await);
    let (task, other) = (ann.task(inside, json!({})).await, ann.task(outside, json!({})).await);
    let token = ann.api_token(json!({"scopes": OF_PROJECTS, "project_ids": [inside]})).await;
    let bulk = format!("/projects/{inside}/tasks/bulk");
    token.patch(&bulk, json!({"ids": [task, other], "patch": {}})).await.invalid_as("ids.1", "unknown_task");
    let path = format!("/tasks/{task}");
    token.patch(&path, json!({"parent_id": other})).await.invalid_as("parent_id", "unknown_task");
    token.post(format!("{path}/move"), json!({"after": other})).await.invalid_as("after", "unknown_task");
    token.patch(&path, json!({"title": "Dig"})).await.expect(200);
    // A project that is gone is as unknown as to everybody.
    ann.delete(format!("/projects/{inside}")).await.expect(204);
    token.get(&path).await.refused(404, "not_found");
    token.get(format!("/projects/{inside}")).await.refused(404, "not_found");
    token.get(format!("/projects/{outside}")).await.refused(403, "forbidden");
    assert_eq!(token.get("/projects").await.expect(200).ids(), [0; 0]);
}
