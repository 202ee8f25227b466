//! Notifications.

use super::{timestamp, word};
use chrono::{DateTime, Utc};
use fasttrack_domain::{
    due::Due,
    notification::{Notification, NotificationContent, TaskNames},
};
use serde::Serialize;
use utoipa::ToSchema;

/// A notification in a list.
#[derive(Serialize, ToSchema)]
#[schema(as = Notification, example = json!({
    "seq": 7, "type": "status_changed",
    "data": {
        "task_id": 1, "task": "Paint the fence", "project_id": 1, "project": "Garden",
        "old": "todo", "new": "in_progress", "changed_by": "Ann"
    },
    "timestamp": "2026-01-02T03:04:05.678901Z", "read": false
}))]
pub struct NotificationPayload {
    /// Counts 1, 2, 3 … per user, without a gap.
    seq: i64,
    #[serde(rename = "type")]
    #[schema(schema_with = word::notification_type)]
    kind: &'static str,
    data: DataPayload,
    #[serde(serialize_with = "timestamp::serialize")]
    timestamp: DateTime<Utc>,
    /// Whether it was marked as read.
    read: bool,
}

/// A notification as it comes over a WebSocket or as a Server-Sent Event.
#[derive(Serialize, ToSchema)]
#[schema(as = NotificationMessage, example = json!({
    "type": "task_assigned",
    "data": {
        "task_id": 1, "task": "Paint the fence", "project_id": 1, "project": "Garden", "assigned_by": "Ann"
    },
    "timestamp": "2026-01-02T03:04:05.678901Z", "seq": 8
}))]
pub struct MessagePayload {
    #[serde(rename = "type")]
    #[schema(schema_with = word::notification_type)]
    kind: &'static str,
    data: DataPayload,
    #[serde(serialize_with = "timestamp::serialize")]
    timestamp: DateTime<Utc>,
    /// Counts 1, 2, 3 … per user, without a gap.
    seq: i64,
}

/// What a notification says, by its type. Names are those of the time when it happened.
#[derive(Serialize, ToSchema)]
#[serde(untagged)]
#[schema(as = NotificationData)]
pub enum DataPayload {
    /// `task_assigned`
    TaskAssigned { task_id: i64, task: String, project_id: i64, project: String, assigned_by: String },
    /// `comment_added`
    CommentAdded { task_id: i64, task: String, project_id: i64, project: String, comment_id: i64, author: String },
    /// `status_changed`
    StatusChanged {
        task_id: i64,
        task: String,
        project_id: i64,
        project: String,
        #[schema(schema_with = word::task_status)]
        old: &'static str,
        #[schema(schema_with = word::task_status)]
        new: &'static str,
        changed_by: String,
    },
    /// `project_shared`
    ProjectShared {
        project_id: i64,
        project: String,
        #[schema(schema_with = word::granted_role)]
        role: &'static str,
        shared_by: String,
    },
    /// `task_reminder`
    TaskReminder {
        task_id: i64,
        task: String,
        project_id: i64,
        project: String,
        #[schema(required)]
        due: Option<String>,
    },
}

impl From<NotificationContent> for DataPayload {
    fn from(content: NotificationContent) -> Self {
        match content {
            NotificationContent::TaskAssigned { task, assigned_by } => {
                let TaskNames { task_id, task, project_id, project } = task;
                let (task_id, project_id) = (task_id.get(), project_id.get());
                Self::TaskAssigned {
                    task_id,
                    task: task.into(),
                    project_id,
                    project: project.into(),
                    assigned_by: assigned_by.into(),
                }
            }
            NotificationContent::CommentAdded { task, comment_id, author } => {
                let TaskNames { task_id, task, project_id, project } = task;
                let (task_id, project_id) = (task_id.get(), project_id.get());
                Self::CommentAdded {
                    task_id,
                    task: task.into(),
                    project_id,
                    project: project.into(),
                    comment_id: comment_id.get(),
                    author: author.into(),
                }
            }
            NotificationContent::StatusChanged { task, old, new, changed_by } => {
                let TaskNames { task_id, task, project_id, project } = task;
                let (task_id, project_id) = (task_id.get(), project_id.get());
                Self::StatusChanged {
                    task_id,
                    task: task.into(),
                    project_id,
                    project: project.into(),
                    old: old.as_str(),
                    new: new.as_str(),
                    changed_by: changed_by.into(),
                }
            }
            NotificationContent::ProjectShared { project_id, project, role, shared_by } => Self::ProjectShared {
                project_id: project_id.get(),
                project: project.into(),
                role: role.as_str(),
                shared_by: shared_by.into(),
            },
            NotificationContent::TaskReminder { task, due } => {
                let TaskNames { task_id, task, project_id, project } = task;
                let (task_id, project_id) = (task_id.get(), project_id.get());
                Self::TaskReminder {
                    task_id,
                    task: task.into(),
                    project_id,
                    project: project.into(),
                    due: due.as_ref().map(Due::to_string),
                }
            }
        }
    }
}

impl From<Notification> for NotificationPayload {
    fn from(notification: Notification) -> Self {
        let Notification { seq, content, at, read } = notification;
        Self { seq, kind: content.name(), data: content.into(), timestamp: at, read }
    }
}

impl From<Notification> for MessagePayload {
    fn from(notification: Notification) -> Self {
        let Notification { seq, content, at, .. } = notification;
        Self { kind: content.name(), data: content.into(), timestamp: at, seq }
    }
}
