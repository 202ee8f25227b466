//! Planning: when tasks are due, in what order, under what they stand, and how they are found again.

#![expect(clippy::unwrap_used, reason = "a test may fail")]

mod board;
mod bulk_create;
mod bulk_races;
mod bulk_update;
mod due;
mod label_races;
mod labels;
mod list_model;
mod lists;
mod moves;
mod pages;
mod parent_races;
mod parents;
mod reminder_crash;
mod reminders;
mod rights;
mod scope;
mod search;
mod task_labels;

use chrono::{SecondsFormat, TimeDelta};
use fasttrack_tests::{Account, Request, timestamp};
use serde_json::{Value, json};
use std::fmt::Write;

/// Returns a task as its reader sees it.
async fn shown(reader: &Account, task: i64) -> Value {
    reader.get(format!("/tasks/{task}")).await.expect(200).data()
}

/// Returns the version of a task.
async fn version(reader: &Account, task: i64) -> i64 {
    shown(reader, task).await["version"].as_i64().unwrap()
}

/// Creates a label and returns its id.
async fn label(account: &Account, project: i64, name: &str) -> i64 {
    account.post(format!("/projects/{project}/labels"), json!({"name": name})).await.expect(201).id()
}

/// Creates tasks at once, each with a title unless its fields have one, and returns their ids.
async fn tasks(account: &Account, project: i64, fields: impl IntoIterator<Item = Value>) -> Vec<i64> {
    let task = |fields: Value| {
        let mut task = json!({"title": "Dig"});
        task.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
        task
    };
    let tasks: Vec<_> = fields.into_iter().map(task).collect();
    let made = account.post(format!("/projects/{project}/tasks/bulk"), json!({"tasks": tasks})).await.expect(201);
    ids(&made.items())
}

/// The request that gives a task another place.
fn move_task(account: &Account, task: i64, place: Value) -> Request {
    account.post(format!("/tasks/{task}/move"), place)
}

/// Returns the ids of rows.
fn ids(items: &[Value]) -> Vec<i64> {
    items.iter().map(|item| item["id"].as_i64().unwrap()).collect()
}

/// Returns the rows of all pages of a list, whose query has no cursor.
async fn walk(reader: &Account, list: &str, query: &str) -> Vec<Value> {
    let (mut items, mut cursor) = (Vec::new(), String::new());
    loop {
        let page = reader.get(format!("{list}?{query}{cursor}")).await.expect(200);
        items.extend(page.items());
        let Some(next) = page.data()["next_cursor"].as_str().map(str::to_owned) else { return items };
        cursor = format!("&cursor={next}");
    }
}

/// Returns a project's tasks in the order that people gave them.
async fn order(reader: &Account, project: i64) -> Vec<i64> {
    ids(&walk(reader, &format!("/projects/{project}/tasks"), "sort=position&limit=100").await)
}

/// Returns the instant this long after the last change of a task, by the clock of the server.
fn after(task: &Value, delay: TimeDelta) -> String {
    (timestamp(&task["updated_at"]) + delay).to_utc().to_rfc3339_opts(SecondsFormat::Micros, true)
}

/// Percent-encodes every byte of a text.
fn encoded(text: &str) -> String {
    let mut encoded = String::new();
    for byte in text.bytes() {
        write!(encoded, "%{byte:02X}").unwrap();
    }
    encoded
}

/// Returns the field and the code of each detail of a refusal, in the order of the fields.
fn faults(body: &Value) -> Vec<(String, String)> {
    let part = |detail: &Value, name: &str| detail[name].as_str().unwrap().to_owned();
    let details = body["error"]["details"].as_array().unwrap();
    let mut faults: Vec<_> = details.iter().map(|detail| (part(detail, "field"), part(detail, "code"))).collect();
    faults.sort_unstable();
    faults
}
