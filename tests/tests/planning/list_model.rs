//! Random queries of lists, compared with a model.

use super::{encoded, ids, label, move_task, shown, tasks, walk};
use chrono::{DateTime, FixedOffset};
use fastrand::Rng;
use fasttrack_tests::{Account, Server, timestamp};
use serde_json::{Value, json};
use std::cmp::Ordering;

const SORTS: [&str; 10] =
    ["id", "-id", "position", "-position", "due", "-due", "priority", "-priority", "updated_at", "-updated_at"];
const PRIORITIES: [&str; 3] = ["low", "medium", "high"];
const STATUSES: [&str; 3] = ["todo", "in_progress", "done"];
const WORDS: [&str; 6] = ["paint", "painter", "fence", "hedge", "lawn", "path"];
const DUE: [&str; 5] =
    ["2026-12-01", "2026-12-02", "2026-12-01T23:59:59.999999Z", "2026-12-02T00:00:00Z", "2026-12-01T08:00:00Z"];

fn instant(text: &str) -> DateTime<FixedOffset> {
    timestamp(&json!(text))
}

/// The first or the last instant of a day, or the instant that it is.
fn bound(text: &str, time: &str) -> DateTime<FixedOffset> {
    if text.len() == 10 { instant(&format!("{text}T{time}Z")) } else { instant(text) }
}

fn beginning(text: &str) -> DateTime<FixedOffset> {
    bound(text, "00:00:00")
}

fn end(text: &str) -> DateTime<FixedOffset> {
    bound(text, "23:59:59.999999")
}

fn due(task: &Value) -> Option<DateTime<FixedOffset>> {
    task["due"].as_str().map(end)
}

fn is_id(found: &Value, value: &str) -> bool {
    found.as_i64() == value.parse().ok()
}

/// Whether a filter selects a task.
fn selects(task: &Value, name: &str, value: &str) -> bool {
    match name {
        "status" | "priority" => task[name] == value,
        "completed" => (task["status"] == "done") == (value == "true"),
        "assignee_id" | "parent_id" if value == "none" => task[name].is_null(),
        "assignee_id" | "parent_id" => is_id(&task[name], value),
        "label" => task["labels"].as_array().unwrap().iter().any(|label| is_id(&label["id"], value)),
        "due_from" => due(task).is_some_and(|due| due >= beginning(value)),
        "due_until" => due(task).is_some_and(|due| due <= end(value)),
        "updated_since" => timestamp(&task["updated_at"]) >= beginning(value),
        "q" => {
            let title = task["title"].as_str().unwrap();
            value.split(' ').all(|word| title.split(' ').any(|other| other.starts_with(word)))
        }
        other => panic!("{other}"),
    }
}

/// Compares two tasks as the sort does: ties ascend by id, and tasks without `due` come last.
fn compare(a: &Value, b: &Value, sort: &str) -> Ordering {
    let (is_descending, order) = sort.strip_prefix('-').map_or((false, sort), |order| (true, order));
    let directed = |ordering: Ordering| if is_descending { ordering.reverse() } else { ordering };
    let rank = |task: &Value| PRIORITIES.iter().position(|priority| task["priority"] == *priority);
    let ordering = match order {
        "id" => directed(a["id"].as_i64().cmp(&b["id"].as_i64())),
        "position" => directed(a["position"].as_str().cmp(&b["position"].as_str())),
        "priority" => directed(rank(a).cmp(&rank(b))),
        "updated_at" => directed(timestamp(&a["updated_at"]).cmp(&timestamp(&b["updated_at"]))),
        "due" => match (due(a), due(b)) {
            (Some(a), Some(b)) => directed(a.cmp(&b)),
            (a, b) => a.is_none().cmp(&b.is_none()),
        },
        other => panic!("{other}"),
    };
    ordering.then(a["id"].as_i64().cmp(&b["id"].as_i64()))
}

/// Two projects of one user with tasks, some of which are assigned to another user.
struct World {
    owner: Account,
    assignee: Account,
    projects: [i64; 2],
    labels: Vec<i64>,
    /// By ascending id.
    tasks: Vec<Value>,
}

impl World {
    async fn new(server: &Server, rng: &mut Rng) -> Self {
        let (owner, assignee) = (server.register().await, server.register().await);
        let projects = [owner.project().await, owner.project().await];
        let (mut labels, mut made) = (Vec::new(), Vec::new());
        for project in projects {
            let own = [label(&owner, project, "Urgent").await, label(&owner, project, "Soon").await];
            let top = owner.task(project, json!({"title": "paint", "labels": own})).await;
            let fields: Vec<_> = (0..45).map(|_| fields(rng, top, own, [owner.id, assignee.id])).collect();
            let mut all = tasks(&owner, project, fields).await;
            for _ in 0..10 {
                let (moved, beside) = (all[rng.usize(..all.len())], top);
                move_task(&owner, moved, json!({"after": beside})).await.expect(200);
            }
            all.push(top);
            labels.extend(own);
            made.extend(all);
        }
        made.sort_unstable();
        let mut tasks = Vec::new();
        for task in made {
            tasks.push(shown(&owner, task).await);
        }
        Self { owner, assignee, projects, labels, tasks }
    }

    /// Returns a random filter.
    fn filter(&self, rng: &mut Rng) -> (&'static str, String) {
        let id = |rng: &mut Rng, ids: &[i64]| match rng.usize(..=ids.len()) {
            0 => "none".to_owned(),
            n => ids[n - 1].to_string(),
        };
        let tops: Vec<_> = self.tasks.iter().filter_map(|task| task["parent_id"].as_i64()).take(2).collect();
        let due = DUE[rng.usize(..DUE.len())].to_owned();
        match rng.u8(..10) {
            0 => ("status", STATUSES[rng.usize(..3)].to_owned()),
            1 => ("priority", PRIORITIES[rng.usize(..3)].to_owned()),
            2 => ("completed", rng.bool().to_string()),
            3 => ("assignee_id", id(rng, &[self.owner.id, self.assignee.id])),
            4 => ("parent_id", id(rng, &tops)),
            5 => ("due_from", due),
            6 => ("due_until", due),
            7 => {
                ("updated_since", self.tasks[rng.usize(..self.tasks.len())]["updated_at"].as_str().unwrap().to_owned())
            }
            8 => ("q", ["pa", "paint", "fen pa", "hedge lawn", "p", "painter", "grass"][rng.usize(..7)].to_owned()),
            _ => ("label", self.labels[rng.usize(..self.labels.len())].to_string()),
        }
    }

    /// Returns up to three filters. Only labels may be there twice.
    fn filters(&self, rng: &mut Rng) -> Vec<(&'static str, String)> {
        let mut filters = Vec::<(&str, String)>::new();
        for _ in 0..rng.usize(..4) {
            let filter = self.filter(rng);
            if filter.0 == "label" || filters.iter().all(|(name, _)| *name != filter.0) {
                filters.push(filter);
            }
        }
        filters
    }

    /// Fails unless a list, which has the tasks that `has` selects, finds what the model does.
    async fn check(&self, reader: &Account, list: &str, has: impl Fn(&Value) -> bool, rng: &mut Rng) {
        let (filters, sort) = (self.filters(rng), SORTS[rng.usize(..SORTS.len())]);
        let mut query = format!("limit={}&sort={sort}", rng.u8(1..=30));
        for (name, value) in &filters {
            query = format!("{query}&{name}={}", encoded(value));
        }
        let selected = |task: &&Value| has(task) && filters.iter().all(|(name, value)| selects(task, name, value));
        let mut expected: Vec<_> = self.tasks.iter().filter(selected).cloned().collect();
        expected.sort_by(|a, b| compare(a, b, sort));
        let found = match list.split_once('?') {
            Some((list, scope)) => walk(reader, list, &format!("{scope}&{query}")).await,
            None => walk(reader, list, &query).await,
        };
        assert_eq!(ids(&found), ids(&expected), "{list} {query} {filters:?}");
        assert_eq!(found, expected);
    }
}

/// Returns the fields of a random task.
fn fields(rng: &mut Rng, top: i64, labels: [i64; 2], people: [i64; 2]) -> Value {
    let mut title = vec![WORDS[rng.usize(..WORDS.len())], WORDS[rng.usize(..WORDS.len())]];
    title.truncate(rng.usize(1..=2));
    let mut fields = json!({
        "title": title.join(" "), "status": STATUSES[rng.usize(..3)], "priority": PRIORITIES[rng.usize(..3)],
        "labels": labels[rng.usize(..=2)..],
    });
    if rng.bool() {
        fields["due"] = json!(DUE[rng.usize(..DUE.len())]);
    }
    if rng.bool() {
        fields["assignee_id"] = json!(people[rng.usize(..2)]);
    }
    if rng.bool() {
        fields["parent_id"] = json!(top);
    }
    fields
}

#[tokio::test]
async fn lists_find_what_a_model_finds() {
    let server = Server::shared();
    let mut rng = Rng::with_seed(12);
    let world = World::new(&server, &mut rng).await;
    let (owner, assignee) = (&world.owner, &world.assignee);
    for _ in 0..80 {
        for project in world.projects {
            let list = format!("/projects/{project}/tasks");
            world.check(owner, &list, |task| task["project_id"] == project, &mut rng).await;
        }
        world.check(owner, "/tasks?scope=visible", |_| true, &mut rng).await;
        for (reader, list) in
            [(owner, "/tasks"), (assignee, "/tasks?scope=assigned"), (assignee, "/tasks?scope=visible")]
        {
            world.check(reader, list, |task| task["assignee_id"] == reader.id, &mut rng).await;
        }
    }
}
