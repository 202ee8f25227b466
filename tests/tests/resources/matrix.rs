//! The access of every actor on every route and object.

use fasttrack_tests::{
    Account, Answer, Client, Installation, MISSING, Server,
    access::{ACTORS, Actor, ENDPOINT, OPERATIONS, Row, body, everybody},
    unique_email,
};
use reqwest::Method;
use serde_json::json;

/// The accounts of the actors, and another member of every project.
struct World {
    server: Server,
    stranger: Account,
    /// All actors with a role or a task, and the former member, each in a project of its own.
    user: Account,
    owner: Account,
    member: Account,
    admin: Account,
}

impl World {
    async fn new() -> Self {
        // Every request has a new project.
        let installation = Installation::new().with("MAX_PROJECTS_PER_USER", "100000");
        let server = installation.with("WEBHOOK_ALLOW_NETWORKS", "127.0.0.0/8").start();
        Self {
            stranger: server.register().await,
            user: server.register().await,
            owner: server.register().await,
            member: server.register().await,
            admin: server.admin().await,
            server,
        }
    }

    /// The account of an actor, if it has one.
    fn account(&self, actor: Actor) -> Option<&Account> {
        match actor {
            Actor::Anonymous => None,
            Actor::Stranger => Some(&self.stranger),
            Actor::Former | Actor::User { .. } => Some(&self.user),
            Actor::Owner { .. } => Some(&self.owner),
            Actor::Admin => Some(&self.admin),
        }
    }

    fn client(&self, actor: Actor) -> Client {
        self.account(actor).map_or_else(|| self.server.anonymous(), |account| Client::clone(account))
    }

    /// Creates the objects of a route, as a request may delete them, and returns their names and ids.
    async fn objects(&self, actor: Actor, route: &str) -> Vec<(&'static str, i64)> {
        let caller = self.account(actor).unwrap_or(&self.stranger);
        let mut objects = vec![
            ("{missing}", MISSING),
            ("{user}", self.stranger.id),
            ("{user_id}", self.stranger.id),
            ("{self}", caller.id),
            ("{member}", self.member.id),
        ];
        if route.contains("{new user}") {
            objects.push(("{new user}", self.server.register().await.id));
        }
        if route.contains("{task_id}") {
            objects.push(("{task_id}", self.todo().await));
        }
        let shared =
            ["{project}", "{task}", "{label}", "{webhook}", "{delivery}", "{own comment}", "{comment by member}"];
        if shared.iter().any(|name| route.contains(name)) {
            objects.extend(self.shared_objects(actor, caller, route).await);
        }
        objects
    }

    /// Creates a project in which the actor is what it is, with its objects.
    async fn shared_objects(&self, actor: Actor, caller: &Account, route: &str) -> Vec<(&'static str, i64)> {
        let project = self.owner.project().await;
        let task = self.owner.task(project, json!({"assignee_id": self.member.id})).await;
        self.owner.share(project, &self.member, "viewer").await;
        let mut objects = vec![
            ("{project}", project),
            ("{task}", task),
            ("{comment by member}", self.member.comment(task).await),
            ("{own comment}", self.own_comment(actor, caller, project, task).await),
        ];
        if route.contains("{label}") {
            let label = self.owner.post(format!("/projects/{project}/labels"), json!({"name": "Soon"})).await;
            objects.push(("{label}", label.expect(201).id()));
        }
        if route.contains("{invitation}") {
            objects.push(("{invitation}", self.owner.invite(project, &unique_email("guest"), "viewer").await));
        }
        if route.contains("{webhook}") || route.contains("{delivery}") {
            objects.extend(self.webhook(project).await);
        }
        let (role, has_task) = match actor {
            Actor::User { role, has_task } => (role, has_task),
            Actor::Owner { has_task } => (None, has_task),
            Actor::Anonymous | Actor::Stranger | Actor::Former | Actor::Admin => (None, false),
        };
        match (actor, role) {
            (_, Some(role)) => self.owner.share(project, caller, role).await,
            (Actor::Former | Actor::User { .. }, None) => self.owner.remove(project, caller).await,
            _ => {}
        }
        if has_task {
            self.owner.patch(format!("/tasks/{task}"), json!({"assignee_id": caller.id})).await.expect(200);
        }
        objects
    }

    /// Creates a webhook with a delivery.
    async fn webhook(&self, project: i64) -> [(&'static str, i64); 2] {
        let webhooks = format!("/projects/{project}/webhooks");
        let webhook = self.owner.post(webhooks, json!({"url": ENDPOINT, "types": ["task.deleted"]})).await;
        let path = format!("/webhooks/{}", webhook.id());
        self.owner.request(Method::POST, format!("{path}/test")).await.expect(202);
        let deliveries = self.owner.get(format!("{path}/deliveries")).await.expect(200).ids();
        [("{webhook}", webhook.id()), ("{delivery}", deliveries[0])]
    }

    /// Creates a comment by the actor; by the owner for those who never may.
    async fn own_comment(&self, actor: Actor, caller: &Account, project: i64, task: i64) -> i64 {
        match actor {
            Actor::Anonymous | Actor::Stranger => self.owner.comment(task).await,
            Actor::Owner { .. } | Actor::Admin => caller.comment(task).await,
            Actor::Former | Actor::User { .. } => {
                self.owner.share(project, caller, "editor").await;
                caller.comment(task).await
            }
        }
    }

    async fn todo(&self) -> i64 {
        let todos = format!("/api/{}/tasks", self.stranger.id);
        let todo = self.stranger.post(todos, json!({"title": "Dig"})).await.expect(201);
        todo.json()["id"].as_i64().unwrap_or_else(|| panic!("{todo:#?}"))
    }

    async fn send(&self, actor: Actor, method: &str, route: &str) -> Answer {
        let objects = self.objects(actor, route).await;
        let (mut path, mut text) = (route.to_owned(), body(method, route).to_string());
        for (name, id) in objects {
            path = path.replace(name, &id.to_string());
            text = text.replace(&format!("\"{name}\""), &id.to_string());
        }
        let method = method.parse().unwrap_or_else(|_| panic!("{method}"));
        let request = self.client(actor).request(method, path);
        if text == "null" { request.await } else { request.body("application/json", text).await }
    }
}

/// What is in no document: a page, a path without a route, and a path without a method.
const OTHERS: [Row; 3] = [
    ("GET", "/openapi.json", everybody(200)),
    ("GET", "/nowhere", everybody(404)),
    ("DELETE", "/projects", everybody(405)),
];

#[tokio::test]
async fn every_actor_has_exactly_its_access_on_every_route() {
    let world = World::new().await;
    let mut wrong = Vec::new();
    for &(method, route, expected) in OPERATIONS.iter().chain(&OTHERS) {
        for (actor, status) in ACTORS.into_iter().zip(expected) {
            let answer = world.send(actor, method, route).await;
            let code = match status {
                // A stream would not end.
                400 if route.ends_with("?since=x") => "invalid_cursor",
                400 => "validation_failed",
                401 => "token_missing",
                403 => "forbidden",
                404 => "not_found",
                405 => "method_not_allowed",
                409 => "conflict",
                _ => "",
            };
            if (answer.status, answer.code().as_str()) != (status, code) {
                let got = (answer.status, answer.code());
                wrong.push(format!("{method} {route} by {actor:?}: expected {status} {code}, got {got:?}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}
