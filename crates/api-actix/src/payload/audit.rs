//! Lines of the audit.

use super::timestamp;
use crate::http::error::ApiError;
use chrono::{DateTime, Utc};
use fasttrack_domain::{audit::AuditRecord, id::UserId};
use serde::Serialize;
use serde_json::{Map, Value};
use utoipa::ToSchema;

/// An action that was performed or refused.
#[derive(Serialize, ToSchema)]
#[schema(as = AuditLine, example = json!({
    "id": 12, "at": "2026-01-02T03:04:05.678901Z", "actor_id": 1, "action": "user.updated", "object": "user/5",
    "changes": {"role": ["user", "admin"]}, "ip": "192.0.2.1", "request_id": "5f0c7a52-6a1f-4a53-9f5e-0d5a4c6c7f10"
}))]
pub struct AuditPayload {
    id: i64,
    /// When it happened.
    #[serde(serialize_with = "timestamp::serialize")]
    at: DateTime<Utc>,
    /// Who did it; null where nobody proved who they are, and for the command line.
    #[schema(required)]
    actor_id: Option<i64>,
    /// What was done, like `login.failed` or `user.updated`.
    action: String,
    /// What it was done to, like `user/5`; null where that isn't known.
    #[schema(required)]
    object: Option<String>,
    /// What changed: each field with its value before and after. Never a secret.
    #[schema(value_type = Object)]
    changes: Map<String, Value>,
    /// Where the request came from; null for the command line.
    #[schema(required)]
    ip: Option<String>,
    /// The `X-Request-Id` of its answer; null for the command line.
    #[schema(required)]
    request_id: Option<String>,
}

impl TryFrom<AuditRecord> for AuditPayload {
    type Error = ApiError;

    fn try_from(record: AuditRecord) -> Result<Self, ApiError> {
        Ok(Self {
            id: record.id.get(),
            at: record.at,
            actor_id: record.actor_id.map(UserId::get),
            action: record.action,
            object: record.object,
            changes: serde_json::from_str(&record.changes).map_err(ApiError::internal)?,
            ip: record.ip,
            request_id: record.request_id,
        })
    }
}
