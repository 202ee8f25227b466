//! The change feed: `/changes`, `/changes/stream`, and messages that there are changes.

#![expect(clippy::unwrap_used, reason = "a test may fail")]

mod access;
mod admin;
mod erasure;
mod expired;
mod follower;
mod form;
mod manual;
mod messages;
mod model;
mod narrowed;
mod pages;
mod stream;
mod visible;

use fasttrack_tests::{Account, Client};
use follower::Follower;
use serde_json::Value;

/// What an API token needs for the feed.
const SCOPES: [&str; 3] = ["projects:read", "tasks:read", "comments:read"];

/// Waits until everything that was changed before is in the feed.
async fn settle(account: &Account) {
    let mut follower = Follower::new();
    follower.catch_up(account).await;
    let marker = account.project().await;
    let expected = [format!("put project {marker}"), format!("put member {}", account.id)];
    follower.sees_at_least(account, &expected.each_ref().map(String::as_str)).await;
}

/// Returns a follower that has everything up to now.
async fn follow(account: &Account) -> Follower {
    settle(account).await;
    let mut follower = Follower::new();
    follower.catch_up(account).await;
    follower
}

/// Returns the cursor of an answer to this query.
async fn cursor(client: &Client, query: &str) -> String {
    let page = client.get(format!("/changes{query}")).await.expect(200).data();
    page["cursor"].as_str().unwrap().to_owned()
}

/// Returns a change in words, like `delete task 7 access`.
fn brief(change: &Value) -> String {
    let word = |name: &str| change[name].as_str().unwrap_or_default();
    format!("{} {} {} {}", word("op"), word("type"), change["id"], word("reason")).trim_end().to_owned()
}
