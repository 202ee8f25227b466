//! Changes of tasks in audit entries.

use super::{NewTask, Task};
use crate::{
    Timestamp,
    audit::{AuditChanges, AuditValue},
    due::Due,
    id::{LabelId, TaskId, UserId},
    text::Description,
};
use chrono::SecondsFormat;

impl AuditChanges {
    pub fn of_task(before: &Task, after: &Task) -> Self {
        let description = |task: &Task| AuditValue::from(task.description.as_ref().map(Description::as_str));
        Self::default()
            .field("title", before.title.as_str(), after.title.as_str())
            .field("description", description(before), description(after))
            .field("status", before.status.as_str(), after.status.as_str())
            .field("priority", before.priority.as_str(), after.priority.as_str())
            .field("assignee_id", before.assignee_id.map(UserId::get), after.assignee_id.map(UserId::get))
            .field("due", due(before.due), due(after.due))
            .field("reminders", instants(before.reminders.as_slice()), instants(after.reminders.as_slice()))
            .field("labels", ids(before.labels.as_slice()), ids(after.labels.as_slice()))
            .field("parent_id", before.parent_id.map(TaskId::get), after.parent_id.map(TaskId::get))
            .field("position", before.position().as_str(), after.position().as_str())
    }

    pub fn of_new_task(task: &NewTask) -> Self {
        Self::default()
            .set("title", task.title.as_str())
            .set("project_id", task.project.id.get())
            .set("status", task.status.as_str())
            .set("priority", task.priority.as_str())
            .set("assignee_id", task.assignee_id.map(UserId::get))
            .set("due", due(task.due))
            .set("reminders", instants(task.reminders.as_slice()))
            .set("labels", ids(task.labels.as_slice()))
            .set("parent_id", task.parent_id.map(TaskId::get))
    }

    pub fn of_deleted_task(task: &Task) -> Self {
        Self::default().unset("title", task.title.as_str()).unset("project_id", task.project_id.get())
    }
}

fn due(due: Option<Due>) -> AuditValue {
    due.map_or(AuditValue::Null, |due| AuditValue::Text(due.to_string()))
}

fn instants(instants: &[Timestamp]) -> AuditValue {
    let instant = |at: &Timestamp| at.to_rfc3339_opts(SecondsFormat::AutoSi, true);
    joined(&instants.iter().map(instant).collect::<Vec<_>>())
}

fn ids(ids: &[LabelId]) -> AuditValue {
    joined(&ids.iter().map(ToString::to_string).collect::<Vec<_>>())
}

/// Null for an empty list.
fn joined(texts: &[String]) -> AuditValue {
    if texts.is_empty() { AuditValue::Null } else { AuditValue::from(texts.join(", ").as_str()) }
}
