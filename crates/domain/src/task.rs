//! Tasks: their status machine, and what a change of one means to others.

use crate::{
    Timestamp,
    audit::AuditEntry,
    event::{Event, EventKind, TaskRef},
    id::{ProjectId, TaskId, UserId},
    patch::{Patch, Set},
    project::{Project, ProjectStatus},
    text::{Description, ProjectName, TaskTitle},
    word::words,
};

/// How far a task is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(rename_all = "snake_case"))]
pub enum TaskStatus {
    /// Not begun.
    Todo,
    /// Begun.
    InProgress,
    /// Finished.
    Done,
}

words!(TaskStatus { Todo = "todo", InProgress = "in_progress", Done = "done" });

// @spec SPEC-003
impl TaskStatus {
    /// Whether a task may go from `self` to `next`: one step either way along todo – in progress – done, or stay.
    pub fn allows(self, next: Self) -> bool {
        !matches!((self, next), (Self::Todo, Self::Done) | (Self::Done, Self::Todo))
    }
}

/// How urgent a task is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(rename_all = "snake_case"))]
pub enum TaskPriority {
    /// Can wait.
    Low,
    /// What a task has that says nothing else.
    #[default]
    Medium,
    /// Before the others.
    High,
}

words!(TaskPriority { Low = "low", Medium = "medium", High = "high" });

/// A task.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Task {
    /// Never used again, also after a deletion.
    pub id: TaskId,
    /// Never changes.
    pub project_id: ProjectId,
    /// For people.
    pub title: TaskTitle,
    /// For people.
    pub description: Option<Description>,
    /// How far it is.
    pub status: TaskStatus,
    /// How urgent it is.
    pub priority: TaskPriority,
    /// Who works on it.
    pub assignee_id: Option<UserId>,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
    /// 1 for a new task, one more for each change.
    pub version: i64,
}

/// What must be known of a task's project to decide about the task.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TaskProject {
    /// The project.
    pub id: ProjectId,
    /// Its name.
    pub name: ProjectName,
    /// Whose it is.
    pub owner_id: UserId,
    /// Whether it takes new tasks.
    pub status: ProjectStatus,
}

impl From<Project> for TaskProject {
    fn from(Project { id, name, owner_id, status, .. }: Project) -> Self {
        Self { id, name, owner_id, status }
    }
}

/// A task with what is needed to decide about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TaskInProject {
    /// The task.
    pub task: Task,
    /// Its project.
    pub project: TaskProject,
}

/// A task that is to be made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewTask {
    /// Where it belongs.
    pub project: TaskProject,
    /// For people.
    pub title: TaskTitle,
    /// For people.
    pub description: Option<Description>,
    /// Any status is a legal first one.
    pub status: TaskStatus,
    /// How urgent it is.
    pub priority: TaskPriority,
    /// Who is to work on it.
    pub assignee_id: Option<UserId>,
    /// Who makes it.
    pub created_by: UserId,
    /// Now.
    pub created_at: Timestamp,
    /// How many tasks the project may have, this one included.
    pub quota: u32,
    /// The line of the audit that is committed with it, where there is to be one.
    pub audit: Option<AuditEntry>,
}

impl NewTask {
    /// What has happened once storage gave the task `id`.
    pub fn events(&self, id: TaskId) -> Vec<Event> {
        let task = TaskRef::new(id, &self.title, &self.project);
        let event = |kind| Event { task: task.clone(), actor_id: self.created_by, at: self.created_at, kind };
        let assigned = self.assignee_id.map(|assignee_id| event(EventKind::TaskAssigned { assignee_id }));
        [event(EventKind::TaskCreated { status: self.status })].into_iter().chain(assigned).collect()
    }
}

/// Which tasks a list is to show; all where nothing is set.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TaskFilter {
    /// Only of this status.
    pub status: Option<TaskStatus>,
    /// Only of this priority.
    pub priority: Option<TaskPriority>,
    /// Only this user's.
    pub assignee_id: Option<UserId>,
    /// Only finished ones, or only the others.
    pub completed: Option<bool>,
}

/// What is to change about a task.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TaskPatch {
    /// A new title.
    pub title: Set<TaskTitle>,
    /// Another description, or none.
    pub description: Patch<Description>,
    /// Another status.
    pub status: Set<TaskStatus>,
    /// Another priority.
    pub priority: Set<TaskPriority>,
    /// Another assignee, or nobody.
    pub assignee_id: Patch<UserId>,
}

/// A changed task, decided on one version of it, with what the change means to others.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TaskChange {
    /// The task as it is to be: version and `updated_at` already counted on.
    pub task: Task,
    /// The version that the change was decided on.
    pub based_on: i64,
    /// In the order in which they happened.
    pub events: Vec<Event>,
    /// The line of the audit that is committed with it, where there is to be one.
    pub audit: Option<AuditEntry>,
}

/// A task that is to go, decided on one version of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TaskRemoval {
    /// Which.
    pub id: TaskId,
    /// The version that the removal was decided on.
    pub based_on: i64,
    /// What the removal means to others.
    pub events: Vec<Event>,
    /// The line of the audit that is committed with it, where there is to be one.
    pub audit: Option<AuditEntry>,
}

/// The status machine has no such step.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a task can't go from `{from}` to `{to}` in one step; the next may be {}", steps(*.from))]
pub struct InvalidTransition {
    /// Where the task is.
    pub from: TaskStatus,
    /// Where it was to go.
    pub to: TaskStatus,
}

/// Where a task may go from `status`, as a list for people.
fn steps(status: TaskStatus) -> String {
    let next = TaskStatus::ALL.iter().filter(|next| **next != status && status.allows(**next));
    next.map(|next| format!("`{next}`")).collect::<Vec<_>>().join(" or ")
}

// @spec SPEC-003
impl TaskInProject {
    /// The change that `patch` makes, or `None` where everything is as it asks already.
    pub fn apply(
        &self,
        patch: TaskPatch,
        actor_id: UserId,
        now: Timestamp,
    ) -> Result<Option<TaskChange>, InvalidTransition> {
        let from = self.task.status;
        match patch.status {
            Some(to) if !from.allows(to) => Err(InvalidTransition { from, to }),
            _ => Ok(self.change(patch, actor_id, now)),
        }
    }

    /// The same, however many steps lie between the statuses: as one change they are one version and one event.
    pub(crate) fn change(&self, patch: TaskPatch, actor_id: UserId, now: Timestamp) -> Option<TaskChange> {
        let before = &self.task;
        let mut task = before.clone();
        if let Some(status) = patch.status {
            task.status = status;
        }
        if let Some(title) = patch.title {
            task.title = title;
        }
        task.description = patch.description.apply(task.description);
        if let Some(priority) = patch.priority {
            task.priority = priority;
        }
        task.assignee_id = patch.assignee_id.apply(task.assignee_id);
        if task == *before {
            return None;
        }
        task.updated_at = now.max(before.updated_at);
        task.version += 1;

        let reference = TaskRef::new(task.id, &task.title, &self.project);
        let event = |kind| Event { task: reference.clone(), actor_id, at: task.updated_at, kind };
        let assigned = task
            .assignee_id
            .filter(|assignee| before.assignee_id != Some(*assignee))
            .map(|assignee_id| event(EventKind::TaskAssigned { assignee_id }));
        let moved = (task.status != before.status).then(|| {
            event(EventKind::StatusChanged { old: before.status, new: task.status, assignee_id: task.assignee_id })
        });
        let events = assigned.into_iter().chain(moved).collect();
        Some(TaskChange { based_on: before.version, task, events, audit: None })
    }

    /// The removal of this task.
    pub fn remove(&self, actor_id: UserId, now: Timestamp) -> TaskRemoval {
        let task = TaskRef::new(self.task.id, &self.task.title, &self.project);
        let kind = EventKind::TaskDeleted { status: self.task.status };
        TaskRemoval {
            id: self.task.id,
            based_on: self.task.version,
            events: vec![Event { task, actor_id, at: now, kind }],
            audit: None,
        }
    }
}
