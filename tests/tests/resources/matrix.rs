//! The access of every actor on every route and object.

use fasttrack_tests::{
    Account, Answer, Client, MISSING, Server,
    access::{OPERATIONS, Row, body},
};
use reqwest::Method;
use serde_json::{Value, json};

/// The actors and their objects. The assignee has the task in the owner's project.
struct World {
    anonymous: Client,
    stranger: Account,
    assignee: Account,
    owner: Account,
    admin: Account,
}

impl World {
    async fn new(server: &Server) -> Self {
        Self {
            anonymous: server.anonymous(),
            stranger: server.register().await,
            assignee: server.register().await,
            owner: server.register().await,
            admin: server.admin().await,
        }
    }

    fn actors(&self) -> [(&str, &Client); 5] {
        [
            ("anonymous", &self.anonymous),
            ("stranger", &self.stranger),
            ("assignee", &self.assignee),
            ("owner", &self.owner),
            ("admin", &self.admin),
        ]
    }

    /// The path of a route. Its objects are new, as a request may delete them.
    async fn path(&self, route: &str) -> String {
        if !route.contains('{') {
            return route.to_owned();
        }
        let project = self.owner.project().await;
        let task = self.owner.task(project, json!({"assignee_id": self.assignee.id})).await;
        [
            ("{project}", project),
            ("{task}", task),
            ("{comment by assignee}", self.assignee.comment(task).await),
            ("{comment by owner}", self.owner.comment(task).await),
            ("{user}", self.stranger.id),
            ("{user_id}", self.stranger.id),
            ("{task_id}", self.todo().await),
            ("{missing}", MISSING),
        ]
        .into_iter()
        .fold(route.to_owned(), |path, (name, id)| path.replace(name, &id.to_string()))
    }

    async fn todo(&self) -> i64 {
        let todos = format!("/api/{}/tasks", self.stranger.id);
        let todo = self.stranger.post(todos, json!({"title": "Dig"})).await.expect(201);
        todo.json()["id"].as_i64().unwrap_or_else(|| panic!("{todo:#?}"))
    }
}

async fn send(actor: &Client, method: Method, path: &str, body: Value) -> Answer {
    if body.is_null() {
        return actor.request(method, path).await;
    }
    actor.request(method, path).body("application/json", body.to_string()).await
}

/// What is in no document: a page, a path without a route, and a path without a method.
const OTHERS: [Row; 3] =
    [("GET", "/openapi.json", [200; 5]), ("GET", "/nowhere", [404; 5]), ("DELETE", "/projects", [405; 5])];

#[tokio::test]
async fn every_actor_has_exactly_its_access_on_every_route() {
    let server = Server::shared();
    let world = World::new(&server).await;
    let mut wrong = Vec::new();
    for &(method, route, expected) in OPERATIONS.iter().chain(&OTHERS) {
        for ((name, actor), status) in world.actors().into_iter().zip(expected) {
            let path = world.path(route).await;
            let answer = send(actor, method.parse().unwrap(), &path, body(method, route)).await;
            let code = match status {
                400 => "validation_failed",
                401 => "token_missing",
                403 => "forbidden",
                404 => "not_found",
                405 => "method_not_allowed",
                _ => "",
            };
            if (answer.status, answer.code().as_str()) != (status, code) {
                let got = (answer.status, answer.code());
                wrong.push(format!("{method} {route} by {name}: expected {status} {code}, got {got:?}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}
