//! A client of the feed, as `docs/sync.md` describes it.

use super::brief;
use fasttrack_tests::{Answer, Client, SOON, has_fields};
use serde_json::Value;
use std::{
    collections::{BTreeMap, BTreeSet},
    time::{Duration, Instant},
};

/// The type of a thing, its id, and of a member the project.
pub type Key = (String, i64, i64);

/// Keeps what the feed has sent.
#[derive(Debug, Default)]
pub struct Follower {
    pub cursor: Option<String>,
    pub things: BTreeMap<Key, Value>,
    /// The highest version that was sent of each thing.
    versions: BTreeMap<Key, i64>,
    limit: u32,
}

impl Follower {
    pub fn new() -> Self {
        Self::with_limit(200)
    }

    pub fn with_limit(limit: u32) -> Self {
        Self { limit, ..Self::default() }
    }

    /// The path of the next page.
    pub fn path(&self) -> String {
        let since = self.cursor.as_ref().map(|cursor| format!("&since={cursor}")).unwrap_or_default();
        format!("/changes?limit={}{since}", self.limit)
    }

    /// Applies an answer. Returns its changes, and whether there are more.
    pub fn apply_page(&mut self, answer: Answer) -> (Vec<Value>, bool) {
        let page = answer.expect(200).data();
        has_fields(&page, &["changes", "cursor", "has_more"]);
        let changes = page["changes"].as_array().unwrap().clone();
        assert!(changes.len() <= usize::try_from(self.limit).unwrap(), "{page:#}");
        for change in &changes {
            self.apply(change);
        }
        self.cursor = Some(page["cursor"].as_str().unwrap().to_owned());
        (changes, page["has_more"].as_bool().unwrap())
    }

    /// Reads until there are no more changes, and returns them.
    pub async fn catch_up(&mut self, client: &Client) -> Vec<Value> {
        let mut all = Vec::new();
        loop {
            let (changes, has_more) = self.apply_page(client.get(self.path()).await);
            all.extend(changes);
            if !has_more {
                return all;
            }
        }
    }

    /// Waits until all of these changes were sent, and nothing else.
    pub async fn sees(&mut self, client: &Client, expected: &[&str]) {
        let seen = self.sees_at_least(client, expected).await;
        assert!(seen.iter().all(|change| expected.contains(&change.as_str())), "{seen:#?} instead of {expected:#?}");
    }

    /// Waits until all of these changes were sent. Returns all that were.
    pub async fn sees_at_least(&mut self, client: &Client, expected: &[&str]) -> BTreeSet<String> {
        let (mut seen, begin) = (BTreeSet::new(), Instant::now());
        loop {
            seen.extend(self.catch_up(client).await.iter().map(brief));
            if expected.iter().all(|&change| seen.contains(change)) {
                return seen;
            }
            assert!(begin.elapsed() < SOON, "{seen:#?} instead of {expected:#?}");
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }

    /// Applies a change.
    pub fn apply(&mut self, change: &Value) {
        let is_put = change["op"] == "put";
        let fields = ["type", "id", "project_id", "op", "data", "reason"];
        has_fields(change, if is_put { &fields[..5] } else { &fields });
        let kind = change["type"].as_str().unwrap();
        let (id, project) = (change["id"].as_i64().unwrap(), change["project_id"].as_i64().unwrap());
        let key = (kind.to_owned(), id, if kind == "member" { project } else { 0 });
        if is_put {
            return self.put(key, &change["data"], project);
        }
        assert!(change["data"].is_null() && ["deleted", "access"].contains(&change["reason"].as_str().unwrap()));
        self.things.remove(&key);
        match kind {
            "project" => self.things.retain(|_, thing| thing["of_project"] != project),
            "task" => self.things.retain(|key, thing| key.0 != "comment" || thing["task_id"] != id),
            _ => {}
        }
    }

    fn put(&mut self, key: Key, data: &Value, project: i64) {
        let id = if key.0 == "member" { &data["user_id"] } else { &data["id"] };
        assert_eq!(*id, key.1, "{data:#}");
        if let Some(version) = data["version"].as_i64() {
            let latest = self.versions.entry(key.clone()).or_insert(version);
            assert!(*latest <= version, "{data:#} after version {latest}");
            *latest = version;
        }
        let mut thing = data.clone();
        thing["of_project"] = project.into();
        self.things.insert(key, thing);
    }
}
