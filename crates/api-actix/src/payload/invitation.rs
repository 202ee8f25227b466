//! Invitations to projects.

use super::{timestamp, word};
use chrono::{DateTime, Utc};
use fasttrack_domain::invitation::Invitation;
use serde::Serialize;
use utoipa::ToSchema;

/// An open invitation. Only the mail contains its token.
#[derive(Serialize, ToSchema)]
#[schema(as = Invitation, example = json!({
    "id": 1, "project_id": 1, "email": "ben@example.org", "role": "editor",
    "created_at": "2026-01-02T03:04:05.678901Z", "expires_at": "2026-01-09T03:04:05.678901Z"
}))]
pub struct InvitationPayload {
    id: i64,
    project_id: i64,
    /// The address that the token was mailed to, in lower case, its domain in A-labels.
    #[schema(format = Email)]
    email: String,
    #[schema(schema_with = word::granted_role)]
    role: &'static str,
    #[serde(serialize_with = "timestamp::serialize")]
    created_at: DateTime<Utc>,
    #[serde(serialize_with = "timestamp::serialize")]
    expires_at: DateTime<Utc>,
}

impl From<Invitation> for InvitationPayload {
    fn from(invitation: Invitation) -> Self {
        Self {
            id: invitation.id.get(),
            project_id: invitation.project_id.get(),
            email: invitation.email.into(),
            role: invitation.role.as_str(),
            created_at: invitation.created_at,
            expires_at: invitation.expires_at,
        }
    }
}
