//! The access of every actor on every route and object.

use fasttrack_tests::{Account, Answer, Client, MISSING, Server};
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

/// The value of a path parameter.
struct Objects {
    project: i64,
    task: i64,
    by_assignee: i64,
    by_owner: i64,
    user: i64,
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

    /// Creates new ones, as a request may delete them.
    async fn objects(&self) -> Objects {
        let project = self.owner.project().await;
        let task = self.owner.task(project, json!({"assignee_id": self.assignee.id})).await;
        Objects {
            project,
            task,
            by_assignee: self.assignee.comment(task).await,
            by_owner: self.owner.comment(task).await,
            user: self.stranger.id,
        }
    }
}

impl Objects {
    fn fill(&self, route: &str) -> String {
        [
            ("{project}", self.project),
            ("{task}", self.task),
            ("{comment by assignee}", self.by_assignee),
            ("{comment by owner}", self.by_owner),
            ("{user}", self.user),
            ("{missing}", MISSING),
        ]
        .into_iter()
        .fold(route.to_owned(), |path, (name, id)| path.replace(name, &id.to_string()))
    }
}

/// A valid body for the route.
fn body(method: &str, route: &str) -> Value {
    let last = route.rsplit('/').next().unwrap_or_default();
    match (method, last) {
        ("POST", "projects") => json!({"name": "Yard"}),
        ("POST", "tasks") => json!({"title": "Dig"}),
        ("POST", "read") => json!({"up_to": 0}),
        ("POST", "comments") => json!({"body": "Deep"}),
        // Nothing that an actor of the next row would feel.
        ("PATCH", _) => json!({}),
        _ => Value::Null,
    }
}

async fn send(actor: &Client, method: Method, path: &str, body: Value) -> Answer {
    if body.is_null() {
        return actor.request(method, path).await;
    }
    actor.request(method, path).body("application/json", body.to_string()).await
}

#[rustfmt::skip]
const TABLE: [(&str, &str, [u16; 5]); 48] = [
    //                                             anonymous, stranger, assignee, owner, admin
    ("GET",    "/users/me",                        [401, 200, 200, 200, 200]),
    ("PATCH",  "/users/me",                        [401, 200, 200, 200, 200]),
    ("GET",    "/users",                           [401, 403, 403, 403, 200]),
    ("GET",    "/users/{user}",                    [401, 403, 403, 403, 200]),
    ("PATCH",  "/users/{user}",                    [401, 403, 403, 403, 200]),
    ("GET",    "/users/{missing}",                 [401, 403, 403, 403, 404]),
    ("PATCH",  "/users/{missing}",                 [401, 403, 403, 403, 404]),
    ("GET",    "/auth/me",                         [401, 200, 200, 200, 200]),
    ("GET",    "/auth/sessions",                   [401, 200, 200, 200, 200]),
    ("DELETE", "/auth/sessions/{missing}",         [401, 404, 404, 404, 404]),

    ("GET",    "/projects",                        [401, 200, 200, 200, 200]),
    ("POST",   "/projects",                        [401, 201, 201, 201, 201]),
    ("GET",    "/projects/{project}",              [401, 403, 403, 200, 200]),
    ("PATCH",  "/projects/{project}",              [401, 403, 403, 200, 200]),
    ("DELETE", "/projects/{project}",              [401, 403, 403, 204, 204]),
    ("GET",    "/projects/{project}/tasks",        [401, 403, 403, 200, 200]),
    ("POST",   "/projects/{project}/tasks",        [401, 403, 403, 201, 201]),
    ("GET",    "/projects/{missing}",              [401, 404, 404, 404, 404]),
    ("PATCH",  "/projects/{missing}",              [401, 404, 404, 404, 404]),
    ("DELETE", "/projects/{missing}",              [401, 404, 404, 404, 404]),
    ("GET",    "/projects/{missing}/tasks",        [401, 404, 404, 404, 404]),
    ("POST",   "/projects/{missing}/tasks",        [401, 404, 404, 404, 404]),

    ("GET",    "/projects/{project}/stats",        [401, 403, 403, 200, 200]),
    ("GET",    "/projects/{missing}/stats",        [401, 404, 404, 404, 404]),

    ("GET",    "/tasks",                           [401, 200, 200, 200, 200]),
    ("GET",    "/tasks/{task}",                    [401, 403, 200, 200, 200]),
    ("PATCH",  "/tasks/{task}",                    [401, 403, 200, 200, 200]),
    ("DELETE", "/tasks/{task}",                    [401, 403, 403, 204, 204]),
    ("GET",    "/tasks/{task}/comments",           [401, 403, 200, 200, 200]),
    ("POST",   "/tasks/{task}/comments",           [401, 403, 201, 201, 201]),
    ("GET",    "/tasks/{missing}",                 [401, 404, 404, 404, 404]),
    ("PATCH",  "/tasks/{missing}",                 [401, 404, 404, 404, 404]),
    ("DELETE", "/tasks/{missing}",                 [401, 404, 404, 404, 404]),
    ("GET",    "/tasks/{missing}/comments",        [401, 404, 404, 404, 404]),
    ("POST",   "/tasks/{missing}/comments",        [401, 404, 404, 404, 404]),

    ("DELETE", "/comments/{comment by assignee}",  [401, 403, 204, 403, 204]),
    ("DELETE", "/comments/{comment by owner}",     [401, 403, 403, 204, 204]),
    ("DELETE", "/comments/{missing}",              [401, 404, 404, 404, 404]),

    ("GET",    "/notifications",                   [401, 200, 200, 200, 200]),
    ("POST",   "/notifications/read",              [401, 200, 200, 200, 200]),
    ("POST",   "/ws/ticket",                       [401, 201, 201, 201, 201]),
    ("GET",    "/ws",                              [401, 400, 400, 400, 400]),

    ("GET",    "/health/live",                     [200, 200, 200, 200, 200]),
    ("GET",    "/health/ready",                    [200, 200, 200, 200, 200]),
    ("GET",    "/.well-known/jwks.json",           [200, 200, 200, 200, 200]),
    ("GET",    "/openapi.json",                    [200, 200, 200, 200, 200]),
    ("GET",    "/nowhere",                         [404, 404, 404, 404, 404]),
    ("DELETE", "/projects",                        [405, 405, 405, 405, 405]),
];

#[tokio::test]
async fn every_actor_has_exactly_its_access_on_every_route() {
    let server = Server::shared();
    let world = World::new(&server).await;
    let mut wrong = Vec::new();
    for (method, route, expected) in TABLE {
        for ((name, actor), status) in world.actors().into_iter().zip(expected) {
            let path = world.objects().await.fill(route);
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
