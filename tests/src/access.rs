//! Every operation of the API, and what each actor gets from it.

use serde_json::{Value, json};
use std::collections::BTreeSet;

/// A method, a path with names for ids, and the status for each actor.
pub type Row = (&'static str, &'static str, [u16; 5]);

/// All operations, some with several objects. `{user_id}` is the stranger, `{task_id}` the stranger's todo, `{missing}`
/// an id that no row has. A request that would create an account, end a session or open a stream is faulty: 400.
#[rustfmt::skip]
pub const OPERATIONS: &[Row] = &[
    //                                             anonymous, stranger, assignee, owner, admin
    ("POST",   "/auth/register",                   [400, 400, 400, 400, 400]),
    ("POST",   "/auth/login",                      [400, 400, 400, 400, 400]),
    ("POST",   "/auth/refresh",                    [400, 400, 400, 400, 400]),
    ("POST",   "/auth/logout",                     [401, 400, 400, 400, 400]),
    ("GET",    "/auth/me",                         [401, 200, 200, 200, 200]),
    ("GET",    "/auth/sessions",                   [401, 200, 200, 200, 200]),
    ("DELETE", "/auth/sessions/{missing}",         [401, 404, 404, 404, 404]),
    ("POST",   "/auth/password/change",            [401, 400, 400, 400, 400]),
    ("POST",   "/auth/password/forgot",            [400, 400, 400, 400, 400]),
    ("POST",   "/auth/password/reset",             [400, 400, 400, 400, 400]),
    ("POST",   "/auth/email/verify",               [400, 400, 400, 400, 400]),
    ("POST",   "/auth/email/verify/resend",        [401, 202, 202, 202, 202]),

    ("GET",    "/users/me",                        [401, 200, 200, 200, 200]),
    ("PATCH",  "/users/me",                        [401, 200, 200, 200, 200]),
    ("GET",    "/users",                           [401, 403, 403, 403, 200]),
    ("GET",    "/users/{user}",                    [401, 403, 403, 403, 200]),
    ("PATCH",  "/users/{user}",                    [401, 403, 403, 403, 200]),
    ("GET",    "/users/{missing}",                 [401, 403, 403, 403, 404]),
    ("PATCH",  "/users/{missing}",                 [401, 403, 403, 403, 404]),
    ("GET",    "/audit",                           [401, 403, 403, 403, 200]),

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
    ("GET",    "/events?since=-1",                 [401, 400, 400, 400, 400]),

    ("POST",   "/api/auth/signup",                 [400, 400, 400, 400, 400]),
    ("GET",    "/api/{user_id}/tasks",             [401, 200, 403, 403, 403]),
    ("POST",   "/api/{user_id}/tasks",             [401, 201, 403, 403, 403]),
    ("GET",    "/api/{user_id}/tasks/{task_id}",   [401, 200, 403, 403, 403]),
    ("PUT",    "/api/{user_id}/tasks/{task_id}",   [401, 200, 403, 403, 403]),
    ("PATCH",  "/api/{user_id}/tasks/{task_id}",   [401, 200, 403, 403, 403]),
    ("DELETE", "/api/{user_id}/tasks/{task_id}",   [401, 204, 403, 403, 403]),
    ("PATCH",  "/api/{user_id}/tasks/{task_id}/complete", [401, 200, 403, 403, 403]),

    ("GET",    "/health/live",                     [200, 200, 200, 200, 200]),
    ("GET",    "/health/ready",                    [200, 200, 200, 200, 200]),
    ("GET",    "/.well-known/jwks.json",           [200, 200, 200, 200, 200]),
];

/// Returns the body that is sent to an operation; `null` if none is sent.
pub fn body(method: &str, route: &str) -> Value {
    let last = route.rsplit('/').next().unwrap_or_default();
    match (method, last) {
        ("GET" | "DELETE", _) | ("POST", "ticket" | "resend") => Value::Null,
        ("POST", "projects") => json!({"name": "Yard"}),
        ("POST", "tasks") | ("PUT", _) => json!({"title": "Dig"}),
        ("POST", "read") => json!({"up_to": 0}),
        ("POST", "comments") => json!({"body": "Deep"}),
        ("POST", "logout") => json!({"refresh_token": 1}),
        ("PATCH", "complete") => json!({"completed": true}),
        // Of PATCH a valid body that changes nothing, of POST one that lacks what is required.
        _ => json!({}),
    }
}

/// The names of all operations, like `GET /tasks/{id}`, with the parameters of the document.
pub fn known_operations() -> BTreeSet<String> {
    let name = |&(method, route, _): &Row| {
        let path = route.split('?').next().unwrap_or_default();
        let segments = path.split('/').map(|segment| match segment {
            "{user_id}" | "{task_id}" => segment,
            _ if segment.starts_with('{') => "{id}",
            _ => segment,
        });
        format!("{method} {}", segments.collect::<Vec<_>>().join("/"))
    };
    OPERATIONS.iter().map(name).collect()
}
