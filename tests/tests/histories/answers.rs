//! What is recorded of an answer.

use fasttrack_tests::{
    Answer,
    history::{Change, Comment, Notification, NotificationContent, Outcome, Status, Task},
    jwt,
};
use serde_json::Value;

fn number(value: &Value, name: &str) -> i64 {
    value[name].as_i64().unwrap_or_else(|| panic!("no {name}: {value:#}"))
}

fn text(value: &Value, name: &str) -> String {
    value[name].as_str().unwrap_or_else(|| panic!("no {name}: {value:#}")).to_owned()
}

fn status(value: &Value) -> Status {
    match value.as_str() {
        Some("todo") => Status::Todo,
        Some("in_progress") => Status::InProgress,
        Some("done") => Status::Done,
        _ => panic!("no status: {value}"),
    }
}

/// The word of a status in bodies.
pub(super) fn word(status: Status) -> &'static str {
    match status {
        Status::Todo => "todo",
        Status::InProgress => "in_progress",
        Status::Done => "done",
    }
}

fn task_of(value: &Value) -> Task {
    Task {
        id: number(value, "id"),
        title: text(value, "title"),
        value: value["description"].as_str().map(str::to_owned),
        status: status(&value["status"]),
        version: number(value, "version"),
    }
}

fn comment_of(value: &Value) -> Comment {
    Comment { id: number(value, "id"), body: text(value, "body") }
}

fn is_replayed(answer: &Answer) -> bool {
    answer.header("idempotency-replayed").is_some()
}

/// An answer whose payload isn't checked.
pub(super) fn done(_: &Answer) -> Outcome {
    Outcome::Done
}

/// A project.
pub(super) fn project(answer: &Answer) -> Outcome {
    Outcome::Project { id: answer.id() }
}

/// One task, or that it hasn't changed.
pub(super) fn task(answer: &Answer) -> Outcome {
    if answer.status == 304 {
        return Outcome::NotModified;
    }
    let etag = answer.header("etag").map(|tag| tag.trim_matches('"').parse().unwrap());
    Outcome::Task { task: task_of(&answer.data()), etag, replayed: is_replayed(answer) }
}

/// A page of tasks.
pub(super) fn tasks(answer: &Answer) -> Outcome {
    Outcome::Tasks { tasks: answer.items().iter().map(task_of).collect(), has_more: has_more(answer) }
}

/// A comment.
pub(super) fn comment(answer: &Answer) -> Outcome {
    Outcome::Comment { comment: comment_of(&answer.data()), replayed: is_replayed(answer) }
}

/// A page of comments.
pub(super) fn comments(answer: &Answer) -> Outcome {
    Outcome::Comments { comments: answer.items().iter().map(comment_of).collect(), has_more: has_more(answer) }
}

/// Statistics of a project.
pub(super) fn statistics(answer: &Answer) -> Outcome {
    let data = answer.data();
    let [todo, in_progress, done, total] = ["todo", "in_progress", "done", "total"].map(|name| number(&data, name));
    Outcome::Statistics { todo, in_progress, done, total }
}

/// The tokens of a login or a refresh.
pub(super) fn tokens(answer: &Answer) -> Outcome {
    let claims = jwt::claims(&text(&answer.data(), "refresh_token"));
    Outcome::Tokens { session: text(&claims, "sid"), refresh_token: text(&claims, "jti") }
}

/// A page of the change feed.
pub(super) fn changes(answer: &Answer) -> Outcome {
    let data = answer.data();
    let changes = data["changes"].as_array().unwrap().iter().map(change_of).collect();
    Outcome::Changes { changes, cursor: text(&data, "cursor"), has_more: has_more(answer) }
}

fn change_of(change: &Value) -> Change {
    let (project, id, data) = (number(change, "project_id"), number(change, "id"), &change["data"]);
    match (change["type"].as_str().unwrap(), change["op"].as_str().unwrap()) {
        ("task", "put") => Change::PutTask { project, task: task_of(data) },
        ("task", _) => Change::DeleteTask { project, task: id },
        ("comment", "put") => Change::PutComment { project, comment: comment_of(data) },
        ("project", "put") => Change::PutProject { project },
        ("project", _) => Change::DeleteProject { project },
        (kind, op) => Change::Other { name: format!("{op} {kind}") },
    }
}

/// A notification in a list or in an event.
pub(super) fn notification(value: &Value) -> Notification {
    let data = &value["data"];
    let content = match value["type"].as_str().unwrap() {
        "comment_added" => {
            NotificationContent::CommentAdded { task: number(data, "task_id"), comment: number(data, "comment_id") }
        }
        "status_changed" => NotificationContent::StatusChanged {
            task: number(data, "task_id"),
            old: status(&data["old"]),
            new: status(&data["new"]),
        },
        name => NotificationContent::Other { name: name.to_owned(), data: data.to_string() },
    };
    Notification { seq: number(value, "seq"), content }
}

/// The cursor of the next page, if there is one.
pub(super) fn next_cursor(answer: &Answer) -> Option<String> {
    answer.data()["next_cursor"].as_str().map(str::to_owned)
}

fn has_more(answer: &Answer) -> bool {
    answer.data()["has_more"].as_bool().unwrap()
}
