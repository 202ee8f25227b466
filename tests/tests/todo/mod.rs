//! `/api/{user_id}/tasks` and its sign-up.

#![expect(clippy::unwrap_used, reason = "a test may fail")]

mod changes;
mod concurrency;
mod due;
mod external;
mod form;
mod idempotency;
mod lists;
mod matrix;
mod signup;
mod tasks;

use fasttrack_tests::{Account, has_fields, timestamp};
use serde_json::{Value, json};

fn path(account: &Account) -> String {
    format!("/api/{}/tasks", account.id)
}

/// Creates a todo with a title and `fields`, and returns its path.
async fn todo(account: &Account, fields: Value) -> String {
    let mut body = json!({"title": "Water the roses"});
    body.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
    let made = account.post(path(account), body).await.expect(201);
    made.header("location").unwrap().to_owned()
}

async fn get(account: &Account, todo: &str) -> Value {
    account.get(todo).await.expect(200).json()
}

/// Returns the path of the task behind a todo.
fn task(todo: &str) -> String {
    format!("/tasks/{}", todo.rsplit('/').next().unwrap())
}

/// Returns the id of the project behind a todo.
async fn inbox(account: &Account, todo: &str) -> i64 {
    account.get(task(todo)).await.expect(200).data()["project_id"].as_i64().unwrap()
}

/// Percent-encodes every byte of a text.
fn encoded(text: &str) -> String {
    let digit = |nibble: u8| char::from_digit(u32::from(nibble), 16).unwrap();
    text.bytes().flat_map(|byte| ['%', digit(byte >> 4), digit(byte & 15)]).collect()
}

/// Checks that a value is a todo of the account with the expected fields.
#[track_caller]
fn is_todo(todo: &Value, account: &Account, expected: &Value) {
    has_fields(todo, &["id", "user_id", "title", "description", "completed", "due", "created_at", "updated_at"]);
    assert_eq!(todo["user_id"], account.id);
    assert!(todo["id"].is_i64() && todo["completed"].is_boolean());
    assert!(timestamp(&todo["created_at"]) <= timestamp(&todo["updated_at"]));
    for (name, value) in expected.as_object().unwrap() {
        assert_eq!(&todo[name], value, "{name}: {todo:#}");
    }
}
