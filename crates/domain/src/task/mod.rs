//! Tasks, and the events that a change causes.

mod audit;
mod status;

pub use status::{InvalidTransition, TaskStatus};

use crate::{
    Timestamp,
    audit::AuditEntry,
    event::{TaskEvent, TaskEventKind, TaskRef},
    id::{ProjectId, TaskId, UserId},
    membership::{HeldRole, MemberRole},
    patch::{Patch, Set},
    person::Person,
    policy::{Action, ProjectAction, TaskAction},
    project::{Project, ProjectStatus},
    string_enum::string_enum,
    text::{Description, ProjectName, TaskTitle},
};

/// The urgency of a task.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(rename_all = "snake_case"))]
pub enum TaskPriority {
    Low,
    #[default]
    Medium,
    High,
}

string_enum!(TaskPriority { Low = "low", Medium = "medium", High = "high" });

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
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
    /// The version is 1 for a new task, and one more after each change.
    pub version: i64,
}

/// A task as users see it, read in one snapshot.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TaskView {
    pub task: Task,
    /// The assignee under its present name.
    pub assignee: Option<Person>,
}

/// The part of a project that decisions on its tasks need.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TaskProject {
    pub id: ProjectId,
    pub name: ProjectName,
    pub owner_id: UserId,
    pub status: ProjectStatus,
    /// The role of the user who reads it; `None` where the user is no member.
    pub membership: Option<MemberRole>,
}

impl TaskProject {
    /// The project for a user with this role.
    pub fn new(project: Project, membership: Option<MemberRole>) -> Self {
        let Project { id, name, owner_id, status, .. } = project;
        Self { id, name, owner_id, status, membership }
    }

    /// What the policy needs to decide on an action of the user who reads it.
    pub fn action(&self, action: ProjectAction) -> Action {
        Action::InProject { action, membership: self.membership }
    }
}

/// A task with its project, read in one snapshot.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TaskInProject {
    pub task: Task,
    /// The assignee under its present name.
    pub assignee: Option<Person>,
    pub project: TaskProject,
}

impl TaskInProject {
    /// What the policy needs to decide on an action of the user who reads it.
    pub fn action(&self, action: TaskAction) -> Action {
        Action::OnTask { action, membership: self.project.membership, assignee: self.task.assignee_id }
    }
}

impl From<TaskInProject> for TaskView {
    fn from(TaskInProject { task, assignee, .. }: TaskInProject) -> Self {
        Self { task, assignee }
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
}

impl TaskDraft {
    /// The draft has default status and priority, and neither description nor assignee.
    pub fn new(title: TaskTitle) -> Self {
        let (status, priority) = (TaskStatus::default(), TaskPriority::default());
        Self { title, description: None, status, priority, assignee_id: None }
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
        let TaskDraft { title, description, status, priority, assignee_id } = draft;
        Self { project, title, description, status, priority, assignee_id, created_by, created_at, quota, audit: None }
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
            created_at: self.created_at,
            updated_at: self.created_at,
            version: 1,
        }
    }

    /// The role that must still be stored when the task is created for its creator.
    pub fn held(&self) -> Option<HeldRole> {
        HeldRole::of_self_assignment(self.created_by, self.assignee_id, self.project.membership)
    }

    /// The events of this creation, for the id that storage assigned.
    pub fn events(&self, id: TaskId) -> Vec<TaskEvent> {
        let task = TaskRef::new(id, &self.title, &self.project);
        let event = |kind| TaskEvent { task: task.clone(), actor_id: self.created_by, at: self.created_at, kind };
        let assigned = self.assignee_id.map(|assignee_id| event(TaskEventKind::TaskAssigned { assignee_id }));
        [event(TaskEventKind::TaskCreated { status: self.status })].into_iter().chain(assigned).collect()
    }
}

/// The tasks that a list is limited to; all where nothing is set.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TaskFilter {
    pub status: Option<TaskStatus>,
    pub priority: Option<TaskPriority>,
    pub assignee_id: Option<UserId>,
    /// `true` selects tasks that are done, `false` all others.
    pub completed: Option<bool>,
}

/// A patch of a task.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TaskPatch {
    pub title: Set<TaskTitle>,
    pub description: Patch<Description>,
    pub status: Set<TaskStatus>,
    pub priority: Set<TaskPriority>,
    pub assignee_id: Patch<UserId>,
}

/// A changed task to save, decided on one version of it, with the events that the change causes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TaskChange {
    /// The changed task, with its new version and `updated_at`.
    pub task: Task,
    /// The version that must still be stored.
    pub based_on: i64,
    /// The role by which the actor assigns the task to itself, which must still be stored.
    pub held: Option<HeldRole>,
    /// The events are in causal order.
    pub events: Vec<TaskEvent>,
    /// The audit entry that is committed with the change.
    pub audit: Option<AuditEntry>,
}

/// A task to delete, decided on one version of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TaskRemoval {
    pub id: TaskId,
    /// The version that must still be stored.
    pub based_on: i64,
    pub events: Vec<TaskEvent>,
    /// The audit entry that is committed with the change.
    pub audit: Option<AuditEntry>,
}

// @spec SPEC-003
impl TaskInProject {
    /// Applies a patch. `None` if it changes nothing.
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

    /// Applies a patch over any number of steps of the state machine, as one version and one event.
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
        let event = |kind| TaskEvent { task: reference.clone(), actor_id, at: task.updated_at, kind };
        let assigned = task
            .assignee_id
            .filter(|assignee| before.assignee_id != Some(*assignee))
            .map(|assignee_id| event(TaskEventKind::TaskAssigned { assignee_id }));
        let moved = (task.status != before.status).then(|| {
            event(TaskEventKind::StatusChanged { old: before.status, new: task.status, assignee_id: task.assignee_id })
        });
        let events = assigned.into_iter().chain(moved).collect();
        let newly_assigned = task.assignee_id.filter(|_| task.assignee_id != before.assignee_id);
        let held = HeldRole::of_self_assignment(actor_id, newly_assigned, self.project.membership);
        Some(TaskChange { based_on: before.version, task, held, events, audit: None })
    }

    /// Returns the deletion of this task.
    pub fn remove(&self, actor_id: UserId, now: Timestamp) -> TaskRemoval {
        let task = TaskRef::new(self.task.id, &self.task.title, &self.project);
        let kind = TaskEventKind::TaskDeleted { status: self.task.status };
        TaskRemoval {
            id: self.task.id,
            based_on: self.task.version,
            events: vec![TaskEvent { task, actor_id, at: now, kind }],
            audit: None,
        }
    }
}

impl TaskRef {
    pub fn new(id: TaskId, title: &TaskTitle, project: &TaskProject) -> Self {
        Self {
            task_id: id,
            title: title.clone(),
            project_id: project.id,
            project: project.name.clone(),
            owner_id: project.owner_id,
        }
    }
}
