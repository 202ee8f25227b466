//! Changes of tasks in audit entries.

use super::{NewTask, Task};
use crate::{
    audit::{AuditChanges, AuditValue},
    id::UserId,
    text::Description,
};

impl AuditChanges {
    pub fn of_task(before: &Task, after: &Task) -> Self {
        let description = |task: &Task| AuditValue::from(task.description.as_ref().map(Description::as_str));
        Self::default()
            .field("title", before.title.as_str(), after.title.as_str())
            .field("description", description(before), description(after))
            .field("status", before.status.as_str(), after.status.as_str())
            .field("priority", before.priority.as_str(), after.priority.as_str())
            .field("assignee_id", before.assignee_id.map(UserId::get), after.assignee_id.map(UserId::get))
    }

    pub fn of_new_task(task: &NewTask) -> Self {
        Self::default()
            .set("title", task.title.as_str())
            .set("project_id", task.project.id.get())
            .set("status", task.status.as_str())
            .set("priority", task.priority.as_str())
            .set("assignee_id", task.assignee_id.map(UserId::get))
    }

    pub fn of_deleted_task(task: &Task) -> Self {
        Self::default().unset("title", task.title.as_str()).unset("project_id", task.project_id.get())
    }
}
