//! Scopes: which operations a token is for.

use super::{challenge, lacks_scope};
use fasttrack_tests::{
    ApiToken, BARE, ENVELOPE, MISSING, Server, all,
    operations::{known_operations, with_ids},
};
use reqwest::Method;
use serde_json::{Value, json};
use std::sync::Arc;

const SCOPES: [&str; 10] = [
    "projects:read",
    "projects:write",
    "tasks:read",
    "tasks:write",
    "comments:read",
    "comments:write",
    "notifications:read",
    "notifications:write",
    "webhooks:read",
    "webhooks:write",
];

/// What the feed needs: it has things of all three.
const FEED: [&str; 3] = ["projects:read", "tasks:read", "comments:read"];

/// What an operation needs.
enum Needed {
    /// No token.
    Nothing,
    /// An access token.
    Login,
    /// An access token, or an API token with this scope.
    Scope(String),
    /// An access token, or an API token with all of the feed's scopes.
    Feed,
}

impl Needed {
    /// By the contract, for an operation that needs a token.
    fn by_rule(method: &str, path: &str) -> Self {
        let segments: Vec<_> = path.split('/').skip(1).collect();
        let resource = match segments[..] {
            ["auth" | "users" | "audit" | "invitations", ..] => return Self::Login,
            ["changes", ..] => return Self::Feed,
            ["notifications" | "ws" | "events", ..] => "notifications",
            ["comments", ..] | ["tasks", _, "comments"] => "comments",
            ["tasks", ..] | ["projects", _, "tasks", ..] | ["api", "{user_id}", "tasks", ..] => "tasks",
            ["webhooks" | "deliveries", ..] | ["projects", _, "webhooks"] => "webhooks",
            ["projects" | "labels" | "people", ..] => "projects",
            _ => panic!("{method} {path}: of which resource?"),
        };
        let reads = method == "GET" || path == "/ws/ticket";
        Self::Scope(format!("{resource}:{}", if reads { "read" } else { "write" }))
    }

    fn security(&self) -> Value {
        match self {
            Self::Nothing => json!([]),
            Self::Login => json!([{"bearer": []}]),
            Self::Scope(scope) => json!([{"bearer": []}, {"apiToken": [scope]}]),
            Self::Feed => json!([{"bearer": []}, {"apiToken": FEED}]),
        }
    }

    /// Whether a token with this scope will do.
    fn is_covered_by(&self, scope: &str) -> bool {
        match self {
            Self::Nothing => true,
            // No single scope will do for the feed.
            Self::Login | Self::Feed => false,
            Self::Scope(needed) => scope == needed || *needed == scope.replace(":write", ":read"),
        }
    }
}

/// Sends a request of each operation, and returns those with another answer than their scopes give.
async fn wrong_answers(scope: &str, token: &ApiToken, operations: &[(String, Needed)]) -> Vec<String> {
    let mut wrong = Vec::new();
    for (name, needed) in operations {
        let (method, path) = name.split_once(' ').unwrap();
        // A stream would be endless.
        let query = if ["/events", "/changes/stream"].contains(&path) { "?since=-1" } else { "" };
        let method: Method = method.parse().unwrap();
        let answer = token.request(method, with_ids(path, MISSING) + query).accept(ENVELOPE).await;
        let is_right = if needed.is_covered_by(scope) {
            let code = answer.code();
            answer.status < 500 && code != "insufficient_scope" && !code.starts_with("token_")
        } else {
            let needed = match needed {
                Needed::Nothing | Needed::Login => None,
                Needed::Scope(needed) => Some(needed.clone()),
                Needed::Feed => Some(FEED.join(" ")),
            };
            let challenged = answer.header("www-authenticate") == Some(challenge(needed.as_deref()).as_str());
            (answer.status, answer.code().as_str(), challenged) == (403, "insufficient_scope", true)
        };
        if !is_right {
            wrong.push(format!("{name} with {scope}: {answer:?}"));
        }
    }
    wrong
}

#[tokio::test]
async fn each_operation_takes_tokens_with_its_scope_alone() {
    // Refusals are audited up to a number, which others would miss.
    let server = Server::start();
    let ann = server.register().await;
    let document = ann.get("/openapi.json").await.expect(200).json();
    assert_eq!(document["components"]["securitySchemes"]["apiToken"]["type"], "http", "{document:#}");
    let mut operations = Vec::new();
    for name in known_operations() {
        let (method, path) = name.split_once(' ').unwrap();
        let security = &document["paths"][path][method.to_lowercase()]["security"];
        let needed = if *security == json!([]) { Needed::Nothing } else { Needed::by_rule(method, path) };
        assert_eq!(*security, needed.security(), "{name}");
        operations.push((name, needed));
    }
    let operations = Arc::new(operations);
    let mut checks = Vec::new();
    for scope in SCOPES {
        let (token, operations) = (ann.api_token(json!({"scopes": [scope]})).await, Arc::clone(&operations));
        checks.push(Box::pin(async move { wrong_answers(scope, &token, &operations).await }));
    }
    let wrong = all(checks).await.concat();
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[tokio::test]
async fn scope_is_judged_with_the_token() {
    let server = Server::shared();
    let (ann, admin) = (server.register().await, server.admin().await);
    let project = ann.project().await;
    let token = ann.api_token(json!({"scopes": ["comments:write", "notifications:read"]})).await;
    // Behind route and method,
    token.get("/nowhere").await.refused(404, "not_found");
    token.delete("/projects").await.refused(405, "method_not_allowed");
    // and before everything else.
    lacks_scope(token.request(Method::POST, "/projects").body("text/plain", "{").await, Some("projects:write"));
    lacks_scope(token.get("/tasks/x?limit=0&cursor=x").await, Some("tasks:read"));
    for id in [project, MISSING] {
        let stale = token.patch(format!("/projects/{id}"), json!({"name": "Yard"})).header("if-match", "\"0\"");
        lacks_scope(stale.await, Some("projects:write"));
    }
    assert_eq!(token.get("/projects").accept(BARE).await.problem(403, "insufficient_scope"), [""; 0]);
    let todos = token.get(format!("/api/{}/tasks", ann.id)).await;
    assert_eq!(todos.header("www-authenticate"), Some(challenge(Some("tasks:read")).as_str()));
    assert_eq!(todos.problem(403, "insufficient_scope"), [""; 0]);

    // Neither an administrator's token is for accounts, nor one with every scope for tokens.
    let everything = admin.api_token(json!({"scopes": SCOPES})).await;
    everything.get(format!("/projects/{project}")).await.expect(200);
    for path in ["/users", "/audit", "/auth/me", "/users/me", "/auth/tokens"] {
        lacks_scope(everything.get(path).await, None);
    }
    let body = json!({"name": "CI", "scopes": ["tasks:read"]});
    lacks_scope(everything.post("/auth/tokens", body).await, None);
    lacks_scope(everything.delete(everything.path()).await, None);
    assert_eq!(admin.get("/auth/tokens").await.expect(200).ids(), [everything.id]);
}
