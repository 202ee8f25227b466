//! Projects.

use super::{timestamp, word};
use chrono::{DateTime, Utc};
use fasttrack_domain::project::Project;
use serde::Serialize;
use utoipa::ToSchema;

/// A project.
#[derive(Serialize, ToSchema)]
#[schema(as = Project, example = json!({
    "id": 1, "name": "Garden", "description": null, "status": "active", "owner_id": 1,
    "created_at": "2026-01-02T03:04:05.678901Z", "updated_at": "2026-01-02T03:04:05.678901Z", "version": 1
}))]
pub struct ProjectPayload {
    id: i64,
    name: String,
    #[schema(required)]
    description: Option<String>,
    #[schema(schema_with = word::project_status)]
    status: &'static str,
    owner_id: i64,
    #[serde(serialize_with = "timestamp::serialize")]
    created_at: DateTime<Utc>,
    #[serde(serialize_with = "timestamp::serialize")]
    updated_at: DateTime<Utc>,
    /// The `ETag`, without its quotes.
    version: i64,
}

impl From<Project> for ProjectPayload {
    fn from(project: Project) -> Self {
        Self {
            id: project.id.get(),
            name: project.name.into(),
            description: project.description.map(Into::into),
            status: project.status.as_str(),
            owner_id: project.owner_id.get(),
            created_at: project.created_at,
            updated_at: project.updated_at,
            version: project.version,
        }
    }
}
