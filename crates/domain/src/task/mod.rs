//! Tasks, and the events that a change causes.

mod audit;
mod bulk;
mod change;
mod list;
mod parent;
mod place;
mod status;
mod view;

pub use bulk::{BulkDrafts, BulkIds, BulkTasks, InvalidTransitions};
pub use change::{TaskChange, TaskRemoval};
pub use list::{
    IdFilter, MAX_ROWS_READ, SortKey, TaskCursor, TaskFilter, TaskList, TaskOrder, TaskPage, TaskPageRequest,
    TaskQuery, TaskScope, TaskSort,
};
pub use parent::{LineageRequest, Lineages, MAX_LEVELS};
pub use place::{Gap, Place};
pub use status::{InvalidTransition, TaskPriority, TaskStatus};
pub use view::{TaskInProject, TaskProject, TaskView};

use crate::{
    Timestamp,
    audit::AuditEntry,
    due::Due,
    id::{LabelId, ProjectId, TaskId, UserId},
    label::LabelIds,
    patch::{Patch, Set},
    position::Position,
    reminder::Reminders,
    requested::Requested,
    text::{Description, TaskTitle},
};

/// A unit of work in a project, with at most one assignee.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Task {
    /// Ids of deleted tasks are not reused.
    pub id: TaskId,
    /// A task never moves to another project.
    pub project_id: ProjectId,
    pub title: TaskTitle,
    pub description: Option<Description>,
    pub status: TaskStatus,
    pub priority: TaskPriority,
    pub assignee_id: Option<UserId>,
    // Records of former releases lack the fields that can be absent.
    #[cfg_attr(feature = "serde", serde(default))]
    pub due: Option<Due>,
    /// The reminders that are still to be given. One that was given disappears without a new version.
    #[cfg_attr(feature = "serde", serde(default))]
    pub reminders: Reminders,
    /// Labels of the project. One that is deleted disappears without a new version.
    #[cfg_attr(feature = "serde", serde(default))]
    pub labels: LabelIds,
    /// A task of the same project.
    #[cfg_attr(feature = "serde", serde(default))]
    pub parent_id: Option<TaskId>,
    /// Absent for a task that was never moved; see [`position`](Self::position).
    #[cfg_attr(feature = "serde", serde(default))]
    pub moved_to: Option<Position>,
    /// When the task became done; absent while it is not.
    #[cfg_attr(feature = "serde", serde(default))]
    pub completed_at: Option<Timestamp>,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
    /// The version is 1 for a new task, and one more after each change.
    pub version: i64,
}

impl Task {
    /// The place in the order that people gave to the project's tasks.
    pub fn position(&self) -> Position {
        self.moved_to.clone().unwrap_or_else(|| Position::initial(self.id))
    }
}

/// The fields of a new task that its creator sets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TaskDraft {
    pub title: TaskTitle,
    pub description: Option<Description>,
    /// Each status is valid for a new task.
    pub status: TaskStatus,
    pub priority: TaskPriority,
    pub assignee_id: Option<UserId>,
    pub due: Option<Due>,
    pub reminders: Requested<Timestamp>,
    pub labels: Requested<LabelId>,
    pub parent_id: Option<TaskId>,
}

impl TaskDraft {
    /// The draft has default status and priority, and nothing else.
    pub fn new(title: TaskTitle) -> Self {
        Self {
            title,
            description: None,
            status: TaskStatus::default(),
            priority: TaskPriority::default(),
            assignee_id: None,
            due: None,
            reminders: Requested::default(),
            labels: Requested::default(),
            parent_id: None,
        }
    }
}

/// A task that is not yet stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewTask {
    pub project: TaskProject,
    pub title: TaskTitle,
    pub description: Option<Description>,
    /// Each status is valid for a new task.
    pub status: TaskStatus,
    pub priority: TaskPriority,
    pub assignee_id: Option<UserId>,
    pub due: Option<Due>,
    pub reminders: Reminders,
    pub labels: LabelIds,
    pub parent_id: Option<TaskId>,
    pub created_by: UserId,
    pub created_at: Timestamp,
    /// Maximum number of tasks in the project, this one included.
    pub quota: u32,
    /// The audit entry that is committed with the change.
    pub audit: Option<AuditEntry>,
}

impl NewTask {
    /// Adds to a draft what its creator doesn't set. There is no audit entry yet.
    pub fn new(project: TaskProject, draft: TaskDraft, created_by: UserId, created_at: Timestamp, quota: u32) -> Self {
        let TaskDraft { title, description, status, priority, assignee_id, due, reminders, labels, parent_id } = draft;
        Self {
            project,
            title,
            description,
            status,
            priority,
            assignee_id,
            due,
            reminders: Reminders::from(&reminders),
            labels: LabelIds::from(&labels),
            parent_id,
            created_by,
            created_at,
            quota,
            audit: None,
        }
    }

    /// The task that storage creates, for the id that it assigned.
    pub fn stored(&self, id: TaskId) -> Task {
        Task {
            id,
            project_id: self.project.id,
            title: self.title.clone(),
            description: self.description.clone(),
            status: self.status,
            priority: self.priority,
            assignee_id: self.assignee_id,
            due: self.due,
            reminders: self.reminders.clone(),
            labels: self.labels.clone(),
            parent_id: self.parent_id,
            moved_to: None,
            completed_at: self.completed_at(),
            created_at: self.created_at,
            updated_at: self.created_at,
            version: 1,
        }
    }
}

/// A patch of a task.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TaskPatch {
    pub title: Set<TaskTitle>,
    pub description: Patch<Description>,
    pub status: Set<TaskStatus>,
    pub priority: Set<TaskPriority>,
    pub assignee_id: Patch<UserId>,
    pub due: Patch<Due>,
    /// Replaces all reminders.
    pub reminders: Set<Requested<Timestamp>>,
    /// Replaces all labels.
    pub labels: Set<Requested<LabelId>>,
    pub parent_id: Patch<TaskId>,
}

impl TaskPatch {
    /// Sets the fields, whatever the rules for them.
    fn apply(self, mut task: Task) -> Task {
        let Self { title, description, status, priority, assignee_id, due, reminders, labels, parent_id } = self;
        if let Some(title) = title {
            task.title = title;
        }
        task.description = description.apply(task.description);
        if let Some(status) = status {
            task.status = status;
        }
        if let Some(priority) = priority {
            task.priority = priority;
        }
        task.assignee_id = assignee_id.apply(task.assignee_id);
        task.due = due.apply(task.due);
        if let Some(reminders) = reminders {
            task.reminders = Reminders::from(&reminders);
        }
        if let Some(labels) = labels {
            task.labels = LabelIds::from(&labels);
        }
        task.parent_id = parent_id.apply(task.parent_id);
        task
    }
}
