//! Tasks.

use super::{person::PersonPayload, timestamp, word};
use chrono::{DateTime, Utc};
use fasttrack_domain::{id::UserId, task::TaskView};
use serde::Serialize;
use utoipa::ToSchema;

/// A task.
#[derive(Serialize, ToSchema)]
#[schema(as = Task, example = json!({
    "id": 1, "project_id": 1, "title": "Paint the fence", "description": null, "status": "todo", "priority": "medium",
    "assignee_id": 2, "assignee": {"id": 2, "display_name": "Ben"}, "created_at": "2026-01-02T03:04:05.678901Z",
    "updated_at": "2026-01-02T03:04:05.678901Z", "version": 1
}))]
pub struct TaskPayload {
    id: i64,
    project_id: i64,
    title: String,
    #[schema(required)]
    description: Option<String>,
    #[schema(schema_with = word::task_status)]
    status: &'static str,
    #[schema(schema_with = word::task_priority)]
    priority: &'static str,
    #[schema(required)]
    assignee_id: Option<i64>,
    /// The user of `assignee_id`.
    #[schema(required)]
    assignee: Option<PersonPayload>,
    #[serde(serialize_with = "timestamp::serialize")]
    created_at: DateTime<Utc>,
    #[serde(serialize_with = "timestamp::serialize")]
    updated_at: DateTime<Utc>,
    /// The `ETag`, without its quotes. Names of people are no part of it.
    version: i64,
}

impl From<TaskView> for TaskPayload {
    fn from(TaskView { task, assignee }: TaskView) -> Self {
        Self {
            id: task.id.get(),
            project_id: task.project_id.get(),
            title: task.title.into(),
            description: task.description.map(Into::into),
            status: task.status.as_str(),
            priority: task.priority.as_str(),
            assignee_id: task.assignee_id.map(UserId::get),
            assignee: assignee.map(Into::into),
            created_at: task.created_at,
            updated_at: task.updated_at,
            version: task.version,
        }
    }
}
