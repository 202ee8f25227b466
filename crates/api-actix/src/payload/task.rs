//! Tasks.

use super::{label::LabelPayload, person::PersonPayload, timestamp, word};
use chrono::{DateTime, Utc};
use fasttrack_domain::{
    due::Due,
    id::{TaskId, UserId},
    task::TaskView,
};
use serde::Serialize;
use utoipa::ToSchema;

/// A task.
#[derive(Serialize, ToSchema)]
#[schema(as = Task, example = json!({
    "id": 1, "project_id": 1, "title": "Paint the fence", "description": null, "status": "todo", "priority": "medium",
    "assignee_id": 2, "assignee": {"id": 2, "display_name": "Ben"}, "due": "2026-12-01",
    "reminders": ["2026-11-30T08:00:00.000000Z"],
    "labels": [{"id": 3, "project_id": 1, "name": "Outdoors", "color": "#2e8b57"}], "parent_id": null,
    "position": "01", "completed_at": null, "created_at": "2026-01-02T03:04:05.678901Z",
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
    /// When it is due: a day, or an instant in UTC.
    #[schema(required, example = "2026-12-01")]
    due: Option<String>,
    /// When its assignee, else the project's owner, is reminded of it; ascending. One that was given is no longer there.
    #[schema(value_type = Vec<DateTime<Utc>>)]
    reminders: Vec<String>,
    /// They are sorted by ascending id.
    labels: Vec<LabelPayload>,
    /// The task that this one is a part of.
    #[schema(required)]
    parent_id: Option<i64>,
    /// The place in the order that people gave to the project's tasks: positions ascend by their bytes.
    position: String,
    /// When it became `done`; null while it is not.
    #[schema(required, value_type = Option<DateTime<Utc>>)]
    completed_at: Option<String>,
    #[serde(serialize_with = "timestamp::serialize")]
    created_at: DateTime<Utc>,
    #[serde(serialize_with = "timestamp::serialize")]
    updated_at: DateTime<Utc>,
    /// The `ETag`, without its quotes. Names of people are no part of it.
    version: i64,
}

impl From<TaskView> for TaskPayload {
    fn from(TaskView { task, assignee, labels }: TaskView) -> Self {
        Self {
            position: task.position().to_string(),
            id: task.id.get(),
            project_id: task.project_id.get(),
            title: task.title.into(),
            description: task.description.map(Into::into),
            status: task.status.as_str(),
            priority: task.priority.as_str(),
            assignee_id: task.assignee_id.map(UserId::get),
            assignee: assignee.map(Into::into),
            due: task.due.as_ref().map(Due::to_string),
            reminders: task.reminders.as_slice().iter().copied().map(timestamp::text).collect(),
            labels: labels.into_iter().map(Into::into).collect(),
            parent_id: task.parent_id.map(TaskId::get),
            completed_at: task.completed_at.map(timestamp::text),
            created_at: task.created_at,
            updated_at: task.updated_at,
            version: task.version,
        }
    }
}

/// Tasks that one request created or changed, in its order.
#[derive(Serialize, ToSchema)]
#[schema(as = Tasks)]
pub struct TasksPayload {
    items: Vec<TaskPayload>,
}

impl From<Vec<TaskView>> for TasksPayload {
    fn from(tasks: Vec<TaskView>) -> Self {
        Self { items: tasks.into_iter().map(Into::into).collect() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use fasttrack_domain::{
        id::{LabelId, ProjectId},
        label::Label,
        reminder::Reminders,
        task::{Task, TaskPriority, TaskStatus},
    };
    use serde_json::json;

    fn task() -> TaskView {
        let at: DateTime<Utc> = "2026-11-01T09:30:00Z".parse().unwrap();
        let label = Label {
            id: LabelId::new(3),
            project_id: ProjectId::new(7),
            name: "Outdoors".parse().unwrap(),
            color: "#2E8b57".parse().unwrap(),
        };
        let task = Task {
            id: TaskId::new(42),
            project_id: label.project_id,
            title: "Paint".parse().unwrap(),
            description: None,
            status: TaskStatus::Done,
            priority: TaskPriority::Low,
            assignee_id: None,
            due: Some("2026-12-01".parse().unwrap()),
            reminders: Reminders::from_storage(vec![at]),
            labels: [label.id].into_iter().collect(),
            parent_id: Some(TaskId::new(41)),
            moved_to: None,
            completed_at: Some(at),
            created_at: at,
            updated_at: at,
            version: 2,
        };
        TaskView { task, assignee: None, labels: vec![label] }
    }

    #[test]
    fn task_shows_what_was_planned() {
        let shown = serde_json::to_value(TaskPayload::from(task())).unwrap();
        let at = "2026-11-01T09:30:00.000000Z";
        for (field, expected) in [
            ("due", json!("2026-12-01")),
            ("reminders", json!([at])),
            ("labels", json!([{"id": 3, "project_id": 7, "name": "Outdoors", "color": "#2E8b57"}])),
            ("parent_id", json!(41)),
            ("position", json!("12a")),
            ("completed_at", json!(at)),
        ] {
            assert_eq!(shown[field], expected, "{field}");
        }
    }

    #[test]
    fn instant_is_shown_in_utc() {
        let mut view = task();
        view.task.due = Some("2026-12-01T10:30:00+01:00".parse().unwrap());
        view.task.completed_at = None;
        let shown = serde_json::to_value(TaskPayload::from(view)).unwrap();
        assert_eq!((&shown["due"], &shown["completed_at"]), (&json!("2026-12-01T09:30:00Z"), &json!(null)));
    }
}
