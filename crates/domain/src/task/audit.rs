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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        id::ProjectId,
        label::LabelIds,
        position::Position,
        project::ProjectStatus,
        reminder::Reminders,
        task::{TaskDraft, TaskPriority, TaskProject, TaskStatus},
    };

    fn new_task() -> NewTask {
        let project = TaskProject {
            id: ProjectId::new(7),
            name: "Garden".parse().unwrap(),
            owner_id: UserId::new(1),
            status: ProjectStatus::Active,
            membership: None,
            has_webhooks: false,
        };
        let draft = TaskDraft::new("Paint".parse().unwrap());
        NewTask::new(project, draft, UserId::new(1), Timestamp::UNIX_EPOCH, 9)
    }

    fn text(text: &str) -> AuditValue {
        AuditValue::Text(text.to_owned())
    }

    #[test]
    fn audit_has_each_field_that_changed() {
        let before = new_task().stored(TaskId::new(9));
        let after = Task {
            title: "Weed".parse().unwrap(),
            description: Some("soon".parse().unwrap()),
            status: TaskStatus::Done,
            priority: TaskPriority::High,
            assignee_id: Some(UserId::new(3)),
            due: Some("2026-12-01".parse().unwrap()),
            reminders: Reminders::from_storage(vec![Timestamp::UNIX_EPOCH]),
            labels: LabelIds::from_iter([LabelId::new(5), LabelId::new(4)]),
            parent_id: Some(TaskId::new(8)),
            moved_to: Some(Position::initial(TaskId::new(2))),
            ..before.clone()
        };
        let null = || AuditValue::Null;
        let expected = [
            ("title", text("Paint"), text("Weed")),
            ("description", null(), text("soon")),
            ("status", text("todo"), text("done")),
            ("priority", text("medium"), text("high")),
            ("assignee_id", null(), AuditValue::Number(3)),
            ("due", null(), text("2026-12-01")),
            ("reminders", null(), text("1970-01-01T00:00:00Z")),
            ("labels", null(), text("4, 5")),
            ("parent_id", null(), AuditValue::Number(8)),
            ("position", text("09"), text("02")),
        ];
        assert_eq!(AuditChanges::of_task(&before, &after).0, expected);
    }

    #[test]
    fn audit_has_what_was_created_and_deleted() {
        let null = || AuditValue::Null;
        let (title, project) = (text("Paint"), AuditValue::Number(7));
        let created = [
            ("title", null(), title.clone()),
            ("project_id", null(), project.clone()),
            ("status", null(), text("todo")),
            ("priority", null(), text("medium")),
        ];
        assert_eq!(AuditChanges::of_new_task(&new_task()).0, created);
        let deleted = [("title", title, null()), ("project_id", project, null())];
        assert_eq!(AuditChanges::of_deleted_task(&new_task().stored(TaskId::new(9))).0, deleted);
    }
}
