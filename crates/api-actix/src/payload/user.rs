//! Users.

use super::{timestamp, word};
use chrono::{DateTime, Utc};
use fasttrack_domain::user::User;
use serde::Serialize;
use utoipa::ToSchema;

/// An account.
#[derive(Serialize, ToSchema)]
#[schema(as = User, example = json!({
    "id": 1, "email": "ann@example.org", "email_verified": true, "pending_email": null, "display_name": "Ann", "role": "user", "is_active": true,
    "created_at": "2026-01-02T03:04:05.678901Z", "updated_at": "2026-01-02T03:04:05.678901Z"
}))]
pub struct UserPayload {
    id: i64,
    /// In lower case, its domain in A-labels.
    #[schema(format = Email)]
    email: String,
    /// Whether the owner has verified `email`.
    email_verified: bool,
    /// Becomes `email` once it is verified.
    #[schema(required, format = Email)]
    pending_email: Option<String>,
    display_name: String,
    #[schema(schema_with = word::role)]
    role: &'static str,
    is_active: bool,
    #[serde(serialize_with = "timestamp::serialize")]
    created_at: DateTime<Utc>,
    #[serde(serialize_with = "timestamp::serialize")]
    updated_at: DateTime<Utc>,
}

impl From<User> for UserPayload {
    fn from(user: User) -> Self {
        Self {
            id: user.id.get(),
            email: user.email.into(),
            email_verified: user.email_verified,
            pending_email: user.pending_email.map(Into::into),
            display_name: user.display_name.into(),
            role: user.role.as_str(),
            is_active: user.is_active,
            created_at: user.created_at,
            updated_at: user.updated_at,
        }
    }
}
