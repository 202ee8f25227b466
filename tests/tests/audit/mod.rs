//! The audit, in `/audit` and in the log.

#![expect(clippy::unwrap_used, reason = "a test may fail")]

mod acts;
mod list;
mod refusals;

use fasttrack_tests::Account;
use serde_json::Value;

/// The lines about this object, the newest first.
async fn about(admin: &Account, object: &str) -> Vec<Value> {
    admin.get(format!("/audit?limit=100&object={object}")).await.expect(200).items()
}

/// The lines without the fields that differ from run to run.
fn told(lines: &[Value]) -> Vec<(&str, Option<i64>, &Value)> {
    lines.iter().map(|line| (line["action"].as_str().unwrap(), line["actor_id"].as_i64(), &line["changes"])).collect()
}
