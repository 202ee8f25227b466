//! Entries of the audit trail: their form in the log, and the queue that inserts them in groups.

mod queue;
mod refusal_limit;

pub use queue::AuditQueue;

use fasttrack_domain::{
    audit::{AuditChanges, AuditEntry, AuditValue},
    id::UserId,
};
use serde_json::{Map, Value};

/// The changes as JSON, for the table and the log: `{field: [before, after]}`.
pub(crate) fn json(changes: &AuditChanges) -> String {
    let value = |value: &AuditValue| match value {
        AuditValue::Null => Value::Null,
        AuditValue::Text(text) => Value::from(text.as_str()),
        AuditValue::Bool(flag) => Value::from(*flag),
        AuditValue::Number(number) => Value::from(*number),
    };
    let fields = changes
        .0
        .iter()
        .map(|(name, before, after)| ((*name).to_owned(), Value::from(vec![value(before), value(after)])));
    Value::Object(fields.collect::<Map<_, _>>()).to_string()
}

/// Logs an entry.
pub(crate) fn log(entry: &AuditEntry) {
    tracing::info!(
        target: "fasttrack::audit",
        at = display(entry.at.to_rfc3339_opts(chrono::SecondsFormat::Micros, true)),
        actor_id = entry.actor_id.map(UserId::get),
        action = entry.action.as_str(),
        object = entry.object.map(display),
        changes = json(&entry.changes),
        ip = entry.origin.ip.map(display),
        request_id = entry.origin.request_id.as_deref(),
        "audit"
    );
}
