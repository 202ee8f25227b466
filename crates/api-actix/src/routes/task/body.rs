//! The bodies of requests that create and change tasks.

use crate::{
    input::{fault::Faults, field::NonNull},
    payload::word,
};
use deserr::Deserr;
use fasttrack_domain::{
    Timestamp,
    due::Due,
    id::{LabelId, TaskId, UserId},
    patch::Patch,
    requested::Requested,
    task::{TaskDraft, TaskPatch, TaskPriority, TaskStatus},
    text::{Description, TaskTitle},
};
use utoipa::ToSchema;

/// A new task.
#[derive(Deserr, ToSchema)]
#[deserr(error = Faults, deny_unknown_fields)]
#[schema(example = json!({
    "title": "Paint the fence", "priority": "high", "assignee_id": 2, "due": "2026-12-01", "labels": [3]
}))]
pub struct CreateTaskBody {
    #[schema(value_type = String, min_length = 1, max_length = 200)]
    title: TaskTitle,
    #[deserr(default)]
    #[schema(value_type = Option<String>, max_length = 10_000)]
    description: Option<Description>,
    /// `todo` where absent; a task may start in any status.
    #[deserr(default)]
    #[schema(schema_with = word::task_status, required = false)]
    status: NonNull<TaskStatus>,
    /// `medium` where absent.
    #[deserr(default)]
    #[schema(schema_with = word::task_priority, required = false)]
    priority: NonNull<TaskPriority>,
    /// An active user.
    #[deserr(default)]
    #[schema(value_type = Option<i64>)]
    assignee_id: Option<UserId>,
    /// A day, or an instant of the years 1970 to 9999.
    #[deserr(default)]
    #[schema(value_type = Option<String>, example = "2026-12-01")]
    due: Option<Due>,
    /// Up to 5 different instants in the future.
    #[deserr(default)]
    #[schema(value_type = Vec<chrono::DateTime<chrono::Utc>>, required = false)]
    reminders: NonNull<Requested<Timestamp>>,
    /// The ids of up to 20 different labels of the project.
    #[deserr(default)]
    #[schema(value_type = Vec<i64>, required = false)]
    labels: NonNull<Requested<LabelId>>,
    /// A task of the project; there are at most five levels.
    #[deserr(default)]
    #[schema(value_type = Option<i64>)]
    parent_id: Option<TaskId>,
}

impl From<CreateTaskBody> for TaskDraft {
    fn from(body: CreateTaskBody) -> Self {
        let CreateTaskBody { title, description, status, priority, assignee_id, due, reminders, labels, parent_id } =
            body;
        Self {
            title,
            description,
            status: status.0.unwrap_or_default(),
            priority: priority.0.unwrap_or_default(),
            assignee_id,
            due,
            reminders: reminders.0.unwrap_or_default(),
            labels: labels.0.unwrap_or_default(),
            parent_id,
        }
    }
}

/// The fields to change; an absent one stays as it is.
#[derive(Deserr, ToSchema)]
#[deserr(error = Faults, deny_unknown_fields)]
#[schema(example = json!({"status": "in_progress", "assignee_id": null, "due": "2026-12-01T09:30:00Z"}))]
pub struct PatchTaskBody {
    #[deserr(default)]
    #[schema(value_type = String, required = false, min_length = 1, max_length = 200)]
    title: NonNull<TaskTitle>,
    #[deserr(default)]
    #[schema(value_type = Option<String>, max_length = 10_000)]
    description: Patch<Description>,
    /// One step either way along `todo` – `in_progress` – `done`.
    #[deserr(default)]
    #[schema(schema_with = word::task_status, required = false)]
    status: NonNull<TaskStatus>,
    #[deserr(default)]
    #[schema(schema_with = word::task_priority, required = false)]
    priority: NonNull<TaskPriority>,
    /// An active user, or null for nobody.
    #[deserr(default)]
    #[schema(value_type = Option<i64>)]
    assignee_id: Patch<UserId>,
    /// A day, or an instant of the years 1970 to 9999; null for no time at all.
    #[deserr(default)]
    #[schema(value_type = Option<String>, example = "2026-12-01")]
    due: Patch<Due>,
    /// All reminders that the task has from now on: up to 5 different instants in the future.
    #[deserr(default)]
    #[schema(value_type = Vec<chrono::DateTime<chrono::Utc>>, required = false)]
    reminders: NonNull<Requested<Timestamp>>,
    /// The ids of all labels that the task has from now on: up to 20 different ones of the project.
    #[deserr(default)]
    #[schema(value_type = Vec<i64>, required = false)]
    labels: NonNull<Requested<LabelId>>,
    /// A task of the project that isn't under this one; null for none.
    #[deserr(default)]
    #[schema(value_type = Option<i64>)]
    parent_id: Patch<TaskId>,
}

impl From<PatchTaskBody> for TaskPatch {
    fn from(body: PatchTaskBody) -> Self {
        let PatchTaskBody { title, description, status, priority, assignee_id, due, reminders, labels, parent_id } =
            body;
        Self {
            title: title.0,
            description,
            status: status.0,
            priority: priority.0,
            assignee_id,
            due,
            reminders: reminders.0,
            labels: labels.0,
            parent_id,
        }
    }
}
