//! What a user sees by GET, to compare it with what the feed has sent.

use super::follower::Key;
use fasttrack_tests::Account;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// Returns all items of a list.
async fn list(reader: &Account, path: &str) -> Vec<Value> {
    let (mut items, mut next) = (Vec::new(), String::new());
    let separator = if path.contains('?') { '&' } else { '?' };
    loop {
        let page = reader.get(format!("{path}{separator}limit=100{next}")).await.expect(200).data();
        items.extend(page["items"].as_array().unwrap().clone());
        let Some(cursor) = page["next_cursor"].as_str() else { return items };
        next = format!("&cursor={cursor}");
    }
}

/// Returns everything that the user sees.
pub async fn visible(reader: &Account) -> BTreeMap<Key, Value> {
    let mut things = BTreeMap::new();
    let mut insert = |kind: &str, mut data: Value, project: i64| {
        let of_project = if kind == "member" { project } else { 0 };
        let id = data["id"].as_i64().or(data["user_id"].as_i64()).unwrap();
        data["of_project"] = project.into();
        things.insert((kind.to_owned(), id, of_project), data);
    };
    for project in list(reader, "/projects").await {
        let id = project["id"].as_i64().unwrap();
        insert("project", project, id);
        for kind in ["member", "label"] {
            for item in list(reader, &format!("/projects/{id}/{kind}s")).await {
                insert(kind, item, id);
            }
        }
    }
    for task in list(reader, "/tasks?scope=visible").await {
        let project = task["project_id"].as_i64().unwrap();
        for comment in list(reader, &format!("/tasks/{}/comments", task["id"])).await {
            insert("comment", comment, project);
        }
        insert("task", task, project);
    }
    things
}

/// Removes what the feed doesn't follow: names of people, addresses that the reader may not see any more, and in tasks
/// the names of labels, and labels that were deleted.
pub fn followed(mut things: BTreeMap<Key, Value>, labels: &BTreeSet<i64>) -> BTreeMap<Key, Value> {
    for ((kind, ..), thing) in &mut things {
        match kind.as_str() {
            "member" => {
                thing["display_name"].take();
                thing["email"].take();
            }
            "comment" => {
                thing["author"].take();
            }
            "task" => {
                thing["assignee"].take();
                let ids = thing["labels"].as_array().unwrap().iter().map(|label| label["id"].as_i64().unwrap());
                thing["labels"] = ids.filter(|id| labels.contains(id)).collect::<Vec<_>>().into();
            }
            _ => {}
        }
    }
    things
}
