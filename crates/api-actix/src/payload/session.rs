//! Sessions.

use super::timestamp;
use chrono::{DateTime, Utc};
use fasttrack_domain::{id::SessionId, session::Session};
use serde::Serialize;
use utoipa::ToSchema;

/// Where a user is logged in.
#[derive(Serialize, ToSchema)]
#[schema(as = Session, example = json!({
    "id": 1, "created_at": "2026-01-02T03:04:05.678901Z", "last_used_at": "2026-01-02T03:04:05.678901Z",
    "expires_at": "2026-01-09T03:04:05.678901Z", "ip": "192.0.2.1", "user_agent": "Mozilla/5.0", "current": true
}))]
pub struct SessionPayload {
    id: i64,
    /// When the user logged in.
    #[serde(serialize_with = "timestamp::serialize")]
    created_at: DateTime<Utc>,
    /// When its tokens were last exchanged.
    #[serde(serialize_with = "timestamp::serialize")]
    last_used_at: DateTime<Utc>,
    /// When it ends, unless its tokens are exchanged before.
    #[serde(serialize_with = "timestamp::serialize")]
    expires_at: DateTime<Utc>,
    /// The address that it was last used from.
    #[schema(required)]
    ip: Option<String>,
    /// The `User-Agent` of the client.
    #[schema(required)]
    user_agent: Option<String>,
    /// Whether it is the session of this request.
    current: bool,
}

impl SessionPayload {
    /// `current` is the session of the request, if it has one.
    pub fn new(session: Session, current: Option<SessionId>) -> Self {
        Self {
            id: session.id.get(),
            created_at: session.created_at,
            last_used_at: session.last_used_at,
            expires_at: session.expires_at,
            ip: session.ip,
            user_agent: session.user_agent,
            current: current == Some(session.id),
        }
    }
}
