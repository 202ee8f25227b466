//! Members of projects.

use super::{timestamp, word};
use chrono::{DateTime, Utc};
use fasttrack_domain::membership::Member;
use serde::Serialize;
use utoipa::ToSchema;

/// A user that a project is shared with, or its owner.
#[derive(Serialize, ToSchema)]
#[schema(as = Member, example = json!({
    "user_id": 2, "display_name": "Ben", "email": "ben@example.org", "role": "editor",
    "created_at": "2026-01-02T03:04:05.678901Z"
}))]
pub struct MemberPayload {
    user_id: i64,
    display_name: String,
    /// Null for everybody but the project's owner and administrators.
    #[schema(required, format = Email)]
    email: Option<String>,
    #[schema(schema_with = word::member_role)]
    role: &'static str,
    /// When the user became a member.
    #[serde(serialize_with = "timestamp::serialize")]
    created_at: DateTime<Utc>,
}

impl From<Member> for MemberPayload {
    fn from(member: Member) -> Self {
        Self {
            user_id: member.user_id.get(),
            display_name: member.display_name.into(),
            email: member.email.map(Into::into),
            role: member.role.as_str(),
            created_at: member.created_at,
        }
    }
}
