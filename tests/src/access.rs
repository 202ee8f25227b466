//! Every operation of the API, and what each actor gets from it.

use serde_json::{Value, json};

/// Who sends a request, as seen from the project and the task that it is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Actor {
    Anonymous,
    Stranger,
    /// A user who was a member of the project.
    Former,
    /// A user with this role in the project, or none. The task may be assigned to it.
    User {
        role: Option<&'static str>,
        has_task: bool,
    },
    Owner {
        has_task: bool,
    },
    /// An administrator who is no member.
    Admin,
}

/// The columns of [`OPERATIONS`].
pub const ACTORS: [Actor; 13] = [
    Actor::Anonymous,
    Actor::Stranger,
    Actor::Former,
    Actor::User { role: None, has_task: true },
    Actor::User { role: Some("viewer"), has_task: false },
    Actor::User { role: Some("viewer"), has_task: true },
    Actor::User { role: Some("commenter"), has_task: false },
    Actor::User { role: Some("commenter"), has_task: true },
    Actor::User { role: Some("editor"), has_task: false },
    Actor::User { role: Some("editor"), has_task: true },
    Actor::Owner { has_task: false },
    Actor::Owner { has_task: true },
    Actor::Admin,
];

/// The status for each of [`ACTORS`].
pub type Statuses = [u16; ACTORS.len()];

/// A method, a path with names for ids, and the status for each actor.
pub type Row = (&'static str, &'static str, Statuses);

pub const fn everybody(status: u16) -> Statuses {
    [status; ACTORS.len()]
}

/// Whoever sends a token gets the status.
const fn users(status: u16) -> Statuses {
    from(1, status)
}

const fn strangers(status: u16) -> Statuses {
    let mut statuses = from(ACTORS.len(), status);
    statuses[1] = status;
    statuses
}

/// Members of any role and the admin get the status.
const fn viewers(status: u16) -> Statuses {
    from(4, status)
}

/// Editors, the owner and the admin get the status.
const fn editors(status: u16) -> Statuses {
    from(8, status)
}

/// The owner and the admin get the status.
const fn owners(status: u16) -> Statuses {
    from(10, status)
}

const fn admins(status: u16) -> Statuses {
    from(12, status)
}

/// The actors from this column on get the status, those before it are refused.
const fn from(column: usize, status: u16) -> Statuses {
    let mut statuses = everybody(403);
    statuses[0] = 401;
    let mut n = column;
    while n < statuses.len() {
        statuses[n] = status;
        n += 1;
    }
    statuses
}

/// All operations, some with several objects. `{project}`, `{task}`, `{label}`, `{webhook}` and `{delivery}` are the
/// owner's, `{member}` is another member, `{user}` and `{user_id}` are the stranger, `{task_id}` is the stranger's todo,
/// `{self}` the actor, `{missing}` an id that no row has. A request that would create or erase an account, end a session,
/// open a stream or accept an invitation is faulty: 400.
#[rustfmt::skip]
pub const OPERATIONS: &[Row] = &[
    ("POST",   "/auth/register",                   everybody(400)),
    ("POST",   "/auth/login",                      everybody(400)),
    ("POST",   "/auth/refresh",                    everybody(400)),
    ("POST",   "/auth/logout",                     users(400)),
    ("GET",    "/auth/me",                         users(200)),
    ("GET",    "/auth/sessions",                   users(200)),
    ("DELETE", "/auth/sessions/{missing}",         users(404)),
    ("POST",   "/auth/password/change",            users(400)),
    ("POST",   "/auth/password/forgot",            everybody(400)),
    ("POST",   "/auth/password/reset",             everybody(400)),
    ("POST",   "/auth/email/verify",               everybody(400)),
    ("POST",   "/auth/email/verify/resend",        users(202)),
    ("POST",   "/auth/tokens",                     users(400)),
    ("GET",    "/auth/tokens",                     users(200)),
    ("DELETE", "/auth/tokens/{missing}",           users(404)),

    ("GET",    "/users/me",                        users(200)),
    ("PATCH",  "/users/me",                        users(200)),
    ("DELETE", "/users/me",                        users(400)),
    ("GET",    "/users/me/export",                 users(200)),
    ("GET",    "/users",                           admins(200)),
    ("GET",    "/users/{user}",                    admins(200)),
    ("PATCH",  "/users/{user}",                    admins(200)),
    ("DELETE", "/users/{new user}",                admins(204)),
    ("GET",    "/users/{missing}",                 admins(404)),
    ("PATCH",  "/users/{missing}",                 admins(404)),
    ("DELETE", "/users/{missing}",                 admins(404)),
    ("GET",    "/audit",                           admins(200)),
    ("GET",    "/people",                          users(200)),

    ("GET",    "/projects",                        users(200)),
    ("POST",   "/projects",                        users(201)),
    ("GET",    "/projects/{project}",              viewers(200)),
    ("PATCH",  "/projects/{project}",              owners(200)),
    ("DELETE", "/projects/{project}",              owners(204)),
    ("GET",    "/projects/{project}/tasks",        viewers(200)),
    ("POST",   "/projects/{project}/tasks",        editors(201)),
    ("GET",    "/projects/{missing}",              users(404)),
    ("PATCH",  "/projects/{missing}",              users(404)),
    ("DELETE", "/projects/{missing}",              users(404)),
    ("GET",    "/projects/{missing}/tasks",        users(404)),
    ("POST",   "/projects/{missing}/tasks",        users(404)),
    ("POST",   "/projects/{project}/tasks/bulk",   editors(201)),
    ("PATCH",  "/projects/{project}/tasks/bulk",   editors(200)),
    ("POST",   "/projects/{missing}/tasks/bulk",   users(404)),
    ("PATCH",  "/projects/{missing}/tasks/bulk",   users(404)),

    ("GET",    "/projects/{project}/labels",       viewers(200)),
    ("POST",   "/projects/{project}/labels",       editors(201)),
    ("GET",    "/projects/{missing}/labels",       users(404)),
    ("POST",   "/projects/{missing}/labels",       users(404)),
    ("PATCH",  "/labels/{label}",                  editors(200)),
    ("DELETE", "/labels/{label}",                  editors(204)),
    ("PATCH",  "/labels/{missing}",                users(404)),
    ("DELETE", "/labels/{missing}",                users(404)),

    ("GET",    "/projects/{project}/stats",        viewers(200)),
    ("GET",    "/projects/{missing}/stats",        users(404)),

    ("GET",    "/projects/{project}/members",           viewers(200)),
    ("PUT",    "/projects/{project}/members/{member}",  owners(200)),
    ("PUT",    "/projects/{project}/members/{user}",    owners(201)),
    ("PUT",    "/projects/{project}/members/{missing}", owners(404)),
    ("DELETE", "/projects/{project}/members/{member}",  owners(204)),
    ("DELETE", "/projects/{project}/members/{missing}", owners(404)),
    //                                                  –    –   was, – +  viewer +  commenter+ editor +  owner +  admin
    ("DELETE", "/projects/{project}/members/{self}",
        [401, 403, 403, 403, 204, 204, 204, 204, 204, 204, 409, 409, 404]),
    ("GET",    "/projects/{missing}/members",           users(404)),
    ("PUT",    "/projects/{missing}/members/{user}",    users(404)),
    ("DELETE", "/projects/{missing}/members/{self}",    users(404)),
    ("POST",   "/projects/{project}/transfer",          owners(200)),
    ("POST",   "/projects/{missing}/transfer",          users(404)),

    ("POST",   "/projects/{project}/invitations",              owners(201)),
    ("GET",    "/projects/{project}/invitations",              owners(200)),
    ("DELETE", "/projects/{project}/invitations/{invitation}", owners(204)),
    ("DELETE", "/projects/{project}/invitations/{missing}",    owners(404)),
    ("POST",   "/projects/{missing}/invitations",              users(404)),
    ("GET",    "/projects/{missing}/invitations",              users(404)),
    ("DELETE", "/projects/{missing}/invitations/{missing}",    users(404)),
    ("POST",   "/invitations/accept",                          users(400)),

    ("POST",   "/projects/{project}/webhooks",     owners(201)),
    ("GET",    "/projects/{project}/webhooks",     owners(200)),
    ("POST",   "/projects/{missing}/webhooks",     users(404)),
    ("GET",    "/projects/{missing}/webhooks",     users(404)),
    ("GET",    "/webhooks/{webhook}",              owners(200)),
    ("PATCH",  "/webhooks/{webhook}",              owners(200)),
    ("DELETE", "/webhooks/{webhook}",              owners(204)),
    ("POST",   "/webhooks/{webhook}/rotate",       owners(200)),
    ("POST",   "/webhooks/{webhook}/test",         owners(202)),
    ("GET",    "/webhooks/{webhook}/deliveries",   owners(200)),
    ("POST",   "/deliveries/{delivery}/retry",     owners(202)),
    ("GET",    "/webhooks/{missing}",              users(404)),
    ("PATCH",  "/webhooks/{missing}",              users(404)),
    ("DELETE", "/webhooks/{missing}",              users(404)),
    ("POST",   "/webhooks/{missing}/rotate",       users(404)),
    ("POST",   "/webhooks/{missing}/test",         users(404)),
    ("GET",    "/webhooks/{missing}/deliveries",   users(404)),
    ("POST",   "/deliveries/{missing}/retry",      users(404)),

    ("GET",    "/tasks",                           users(200)),
    ("GET",    "/tasks?scope=visible",             users(200)),
    // With a plus: the task is assigned to the actor.
    //                                    anonymous, stranger, former, +, viewer, +, commenter, +, editor, +, owner, +, admin
    ("GET",    "/tasks/{task}",           [401, 403, 403, 200, 200, 200, 200, 200, 200, 200, 200, 200, 200]),
    ("PATCH",  "/tasks/{task}",           [401, 403, 403, 200, 403, 200, 403, 200, 200, 200, 200, 200, 200]),
    ("DELETE", "/tasks/{task}",           [401, 403, 403, 403, 403, 403, 403, 403, 204, 204, 204, 204, 204]),
    ("GET",    "/tasks/{task}/comments",  [401, 403, 403, 200, 200, 200, 200, 200, 200, 200, 200, 200, 200]),
    ("POST",   "/tasks/{task}/comments",  [401, 403, 403, 201, 403, 201, 201, 201, 201, 201, 201, 201, 201]),
    ("PUT",    "/tasks/{task}/labels/{label}",     [401, 403, 403, 204, 403, 204, 403, 204, 204, 204, 204, 204, 204]),
    ("DELETE", "/tasks/{task}/labels/{label}",     [401, 403, 403, 204, 403, 204, 403, 204, 204, 204, 204, 204, 204]),
    ("PUT",    "/tasks/{task}/labels/{missing}",   [401, 403, 403, 404, 403, 404, 403, 404, 404, 404, 404, 404, 404]),
    ("DELETE", "/tasks/{task}/labels/{missing}",   [401, 403, 403, 404, 403, 404, 403, 404, 404, 404, 404, 404, 404]),
    ("POST",   "/tasks/{task}/move",               editors(200)),
    ("GET",    "/tasks/{missing}",                 users(404)),
    ("PATCH",  "/tasks/{missing}",                 users(404)),
    ("DELETE", "/tasks/{missing}",                 users(404)),
    ("GET",    "/tasks/{missing}/comments",        users(404)),
    ("POST",   "/tasks/{missing}/comments",        users(404)),
    ("PUT",    "/tasks/{missing}/labels/{label}",  users(404)),
    ("DELETE", "/tasks/{missing}/labels/{label}",  users(404)),
    ("POST",   "/tasks/{missing}/move",            users(404)),

    // The stranger has none.
    ("DELETE", "/comments/{own comment}",
        [401, 403, 204, 204, 204, 204, 204, 204, 204, 204, 204, 204, 204]),
    ("DELETE", "/comments/{comment by member}",    admins(204)),
    ("DELETE", "/comments/{missing}",              users(404)),

    ("GET",    "/notifications",                   users(200)),
    ("POST",   "/notifications/read",              users(200)),
    ("POST",   "/ws/ticket",                       users(201)),
    ("GET",    "/ws",                              users(400)),
    ("GET",    "/events?since=-1",                 users(400)),
    ("GET",    "/changes",                         users(200)),
    ("GET",    "/changes/stream?since=x",          users(400)),

    ("POST",   "/api/auth/signup",                 everybody(400)),
    ("GET",    "/api/{user_id}/tasks",             strangers(200)),
    ("POST",   "/api/{user_id}/tasks",             strangers(201)),
    ("GET",    "/api/{user_id}/tasks/{task_id}",   strangers(200)),
    ("PUT",    "/api/{user_id}/tasks/{task_id}",   strangers(200)),
    ("PATCH",  "/api/{user_id}/tasks/{task_id}",   strangers(200)),
    ("DELETE", "/api/{user_id}/tasks/{task_id}",   strangers(204)),
    ("PATCH",  "/api/{user_id}/tasks/{task_id}/complete", strangers(200)),

    ("GET",    "/health/live",                     everybody(200)),
    ("GET",    "/health/ready",                    everybody(200)),
    ("GET",    "/.well-known/jwks.json",           everybody(200)),
];

/// The URL of a webhook, for servers that allow this network. Nobody listens there.
pub const ENDPOINT: &str = "http://127.0.0.1:9/hook";

/// Returns the body that is sent to an operation; `null` if none is sent. A name of an object stands for its id.
pub fn body(method: &str, route: &str) -> Value {
    let last = route.rsplit('/').next().unwrap_or_default();
    match (method, last) {
        ("GET" | "DELETE", _) | ("POST", "ticket" | "resend" | "rotate" | "test" | "retry") => Value::Null,
        ("PUT", _) if route.contains("/labels/") => Value::Null,
        ("PUT", _) if route.contains("/members/") => json!({"role": "viewer"}),
        ("POST", "projects" | "labels") => json!({"name": "Yard"}),
        ("POST", "bulk") => json!({"tasks": [{"title": "Dig"}]}),
        ("PATCH", "bulk") if route.contains("{missing}") => json!({"ids": ["{missing}"], "patch": {}}),
        ("PATCH", "bulk") => json!({"ids": ["{task}"], "patch": {}}),
        ("POST", "move") => json!({"after": null}),
        ("POST", "tasks") | ("PUT", _) => json!({"title": "Dig"}),
        ("POST", "read") => json!({"up_to": 0}),
        ("POST", "comments") => json!({"body": "Deep"}),
        ("POST", "logout") => json!({"refresh_token": 1}),
        ("POST", "webhooks") => json!({"url": ENDPOINT}),
        ("POST", "transfer") => json!({"user_id": "{member}"}),
        ("POST", "invitations") => json!({"email": "guest@example.org", "role": "viewer"}),
        ("PATCH", "complete") => json!({"completed": true}),
        // Of PATCH a valid body that changes nothing, of POST one that lacks what is required.
        _ => json!({}),
    }
}
