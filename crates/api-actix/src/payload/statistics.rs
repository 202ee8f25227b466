//! Statistics.

use super::timestamp;
use chrono::{DateTime, Utc};
use fasttrack_domain::statistics::ProjectStatistics;
use serde::Serialize;
use utoipa::ToSchema;

/// The number of tasks of a project by status.
#[derive(Serialize, ToSchema)]
#[schema(as = ProjectStatistics, example = json!({
    "project_id": 1, "todo": 3, "in_progress": 2, "done": 5, "total": 10, "updated_at": "2026-01-02T03:04:05.678901Z"
}))]
pub struct StatisticsPayload {
    project_id: i64,
    todo: i64,
    in_progress: i64,
    done: i64,
    total: i64,
    /// When a number last changed; before the first change, when the project was created.
    #[serde(serialize_with = "timestamp::serialize")]
    updated_at: DateTime<Utc>,
}

impl From<ProjectStatistics> for StatisticsPayload {
    fn from(statistics: ProjectStatistics) -> Self {
        Self {
            project_id: statistics.project_id.get(),
            todo: statistics.todo,
            in_progress: statistics.in_progress,
            done: statistics.done,
            total: statistics.total(),
            updated_at: statistics.updated_at,
        }
    }
}
