//! Projects.

use super::{timestamp, word};
use chrono::{DateTime, Utc};
use fasttrack_domain::{membership::MemberRole, project::ProjectView, user::Role};
use serde::Serialize;
use utoipa::ToSchema;

/// A project.
#[derive(Serialize, ToSchema)]
#[schema(as = Project, example = json!({
    "id": 1, "name": "Garden", "description": null, "status": "active", "owner_id": 1,
    "role": "owner", "created_at": "2026-01-02T03:04:05.678901Z", "updated_at": "2026-01-02T03:04:05.678901Z",
    "version": 1
}))]
pub struct ProjectPayload {
    id: i64,
    name: String,
    #[schema(required)]
    description: Option<String>,
    #[schema(schema_with = word::project_status)]
    status: &'static str,
    owner_id: i64,
    /// The caller's role: `admin` for an administrator who is no member.
    #[schema(schema_with = word::project_role)]
    role: &'static str,
    #[serde(serialize_with = "timestamp::serialize")]
    created_at: DateTime<Utc>,
    #[serde(serialize_with = "timestamp::serialize")]
    updated_at: DateTime<Utc>,
    /// The `ETag`, without its quotes. The caller's role is no part of it.
    version: i64,
}

impl From<ProjectView> for ProjectPayload {
    fn from(ProjectView { project, membership, .. }: ProjectView) -> Self {
        Self {
            id: project.id.get(),
            name: project.name.into(),
            description: project.description.map(Into::into),
            status: project.status.as_str(),
            owner_id: project.owner_id.get(),
            role: membership.map_or(Role::Admin.as_str(), MemberRole::as_str),
            created_at: project.created_at,
            updated_at: project.updated_at,
            version: project.version,
        }
    }
}
