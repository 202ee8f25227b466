//! Todos, and the accounts of those who sign up for them.

use super::timestamp;
use chrono::{DateTime, Utc};
use fasttrack_domain::{
    due::Due,
    task::{Task, TaskStatus},
    token::{AccessClaims, TokenSource},
    user::User,
};
use serde::Serialize;
use utoipa::ToSchema;

/// Identifies a user in the routes of todos: an id of this server, or the subject of another issuer.
#[derive(Clone, Serialize, ToSchema)]
#[serde(untagged)]
pub enum TodoUser {
    /// The id of a user of this server.
    Id(i64),
    /// The subject of a user of another issuer.
    Subject(String),
}

impl From<AccessClaims> for TodoUser {
    fn from(claims: AccessClaims) -> Self {
        match claims.source {
            TokenSource::Session(_) | TokenSource::Api(_) => Self::Id(claims.user_id.get()),
            TokenSource::External(subject) => Self::Subject(subject.into()),
        }
    }
}

/// A todo.
#[derive(Serialize, ToSchema)]
#[schema(as = Todo, example = json!({
    "id": 1, "user_id": 1, "title": "Paint the fence", "description": null, "completed": false,
    "due": "2026-12-01", "created_at": "2026-01-02T03:04:05.678901Z", "updated_at": "2026-01-02T03:04:05.678901Z"
}))]
pub struct TodoPayload {
    id: i64,
    /// The `user_id` of the path.
    user_id: TodoUser,
    title: String,
    #[schema(required)]
    description: Option<String>,
    completed: bool,
    /// When it is due: a day, or an instant in UTC.
    #[schema(required, example = "2026-12-01")]
    due: Option<String>,
    #[serde(serialize_with = "timestamp::serialize")]
    created_at: DateTime<Utc>,
    #[serde(serialize_with = "timestamp::serialize")]
    updated_at: DateTime<Utc>,
}

impl TodoPayload {
    /// The task as a todo of this user.
    pub fn new(task: Task, user_id: TodoUser) -> Self {
        Self {
            id: task.id.get(),
            user_id,
            title: task.title.into(),
            description: task.description.map(Into::into),
            completed: task.status == TaskStatus::Done,
            due: task.due.as_ref().map(Due::to_string),
            created_at: task.created_at,
            updated_at: task.updated_at,
        }
    }
}

/// A new account.
#[derive(Serialize, ToSchema)]
#[schema(as = Signup, example = json!({
    "id": 1, "email": "ann@example.org", "created_at": "2026-01-02T03:04:05.678901Z"
}))]
pub struct SignupPayload {
    id: i64,
    /// In lower case.
    #[schema(format = Email)]
    email: String,
    #[serde(serialize_with = "timestamp::serialize")]
    created_at: DateTime<Utc>,
}

impl From<User> for SignupPayload {
    fn from(user: User) -> Self {
        Self { id: user.id.get(), email: user.email.into(), created_at: user.created_at }
    }
}
