//! The audit log, in `/audit` and in the log of the server.

#![expect(clippy::unwrap_used, reason = "a test may fail")]

mod acts;
mod list;
mod refusals;
mod sharing;

use fasttrack_tests::Account;
use serde_json::Value;

/// Returns the entries about this object, the newest first.
async fn about(admin: &Account, object: &str) -> Vec<Value> {
    admin.get(format!("/audit?limit=100&object={object}")).await.expect(200).items()
}

/// Returns action, actor and changes of each entry: the fields that don't differ from run to run.
fn told(lines: &[Value]) -> Vec<(&str, Option<i64>, &Value)> {
    lines.iter().map(|line| (line["action"].as_str().unwrap(), line["actor_id"].as_i64(), &line["changes"])).collect()
}
