//! Changes of tasks, and the events that they cause.

use super::{InvalidTransition, NewTask, Task, TaskInProject, TaskPatch, TaskStatus};
use crate::{
    Timestamp,
    audit::AuditEntry,
    event::{TaskEvent, TaskEventKind, TaskRef},
    id::{LabelId, TaskId, UserId},
    label::LabelIds,
    membership::HeldRole,
    requested::Difference,
    search::SearchWords,
    text::TaskTitle,
};

/// A changed task to save, decided on one version of it, with the events that the change causes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TaskChange {
    /// The changed task, with its new version and `updated_at`. Its labels and reminders are saved as
    /// [`labels`](Self::labels) and [`reminders`](Self::reminders) say.
    pub task: Task,
    /// The version that must still be stored.
    pub based_on: i64,
    /// The labels that the task gets and loses.
    pub labels: Difference<LabelId>,
    /// The reminders that the task gets and loses. One that was given since the task was loaded doesn't come back.
    pub reminders: Difference<Timestamp>,
    /// Whether priority, assignee, due date, parent and position stay as they are, so that storage doesn't have to write
    /// them and what it finds tasks by.
    pub keeps_plan: bool,
    /// The task that this one is put under, which storage checks once more.
    pub new_parent: Option<TaskId>,
    /// The task's words, where its title, description or assignee changes.
    pub words: Option<SearchWords>,
    /// The role by which the actor assigns the task to itself, which must still be stored.
    pub held: Option<HeldRole>,
    /// The user whose assignment ends.
    pub former_assignee: Option<UserId>,
    /// The events are in causal order.
    pub events: Vec<TaskEvent>,
    pub actor_id: UserId,
    /// Whether the change is recorded for webhooks.
    pub is_watched: bool,
    /// The audit entry that is committed with the change.
    pub audit: Option<AuditEntry>,
}

/// A task to delete, decided on one version of it. What is under it goes, too.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TaskRemoval {
    pub id: TaskId,
    /// The version that must still be stored.
    pub based_on: i64,
    pub event: TaskEvent,
    /// Whether the deletion of each task is recorded for webhooks.
    pub is_watched: bool,
    /// The audit entry that is committed with the change.
    pub audit: Option<AuditEntry>,
}

impl TaskRemoval {
    /// The event of a task that is deleted because it is under this one.
    pub fn event_under(&self, id: TaskId, title: TaskTitle, status: TaskStatus) -> TaskEvent {
        let task = TaskRef { task_id: id, title, ..self.event.task.clone() };
        TaskEvent { task, kind: TaskEventKind::TaskDeleted { status }, ..self.event.clone() }
    }
}

impl NewTask {
    /// The time of creation for a task that begins as done.
    pub fn completed_at(&self) -> Option<Timestamp> {
        (self.status == TaskStatus::Done).then_some(self.created_at)
    }

    /// The words that a search finds the task by.
    pub fn words(&self) -> SearchWords {
        SearchWords::of(&self.title, self.description.as_ref())
    }

    /// The role that must still be stored when the task is created for its creator.
    pub fn held(&self) -> Option<HeldRole> {
        HeldRole::of_self_assignment(self.created_by, self.assignee_id, self.project.membership)
    }

    /// Whether the creation is recorded for webhooks.
    pub const fn is_watched(&self) -> bool {
        self.project.has_webhooks
    }

    /// The events of this creation, for the id that storage assigned.
    pub fn events(&self, id: TaskId) -> Vec<TaskEvent> {
        let task = TaskRef::new(id, &self.title, &self.project);
        let event = |kind| TaskEvent { task: task.clone(), actor_id: self.created_by, at: self.created_at, kind };
        let assigned = self.assignee_id.map(|assignee_id| event(TaskEventKind::TaskAssigned { assignee_id }));
        [event(TaskEventKind::TaskCreated { status: self.status })].into_iter().chain(assigned).collect()
    }
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
        let task = patch.apply(self.task.clone());
        (task != self.task).then(|| self.change_to(task, actor_id, now))
    }

    /// Replaces the labels. `None` if they are the same.
    pub fn set_labels(&self, labels: LabelIds, actor_id: UserId, now: Timestamp) -> Option<TaskChange> {
        (labels != self.task.labels).then(|| self.change_to(Task { labels, ..self.task.clone() }, actor_id, now))
    }

    /// The change to `task`, which has this task's version and times.
    pub(super) fn change_to(&self, mut task: Task, actor_id: UserId, now: Timestamp) -> TaskChange {
        let before = &self.task;
        task.updated_at = now.max(before.updated_at);
        task.version += 1;
        if task.status != before.status {
            task.completed_at = (task.status == TaskStatus::Done).then_some(task.updated_at);
            if before.status == TaskStatus::Done {
                // What passed while the task was done is not given later.
                task.reminders = task.reminders.after(now);
            }
        }
        let is_found_otherwise = task.title != before.title
            || task.description != before.description
            || task.assignee_id != before.assignee_id;
        let keeps_plan = task.priority == before.priority
            && task.assignee_id == before.assignee_id
            && task.due == before.due
            && task.parent_id == before.parent_id
            && task.moved_to == before.moved_to;
        let newly_assigned = task.assignee_id.filter(|_| task.assignee_id != before.assignee_id);
        TaskChange {
            based_on: before.version,
            held: HeldRole::of_self_assignment(actor_id, newly_assigned, self.project.membership),
            labels: Difference::between(before.labels.as_slice(), task.labels.as_slice()),
            reminders: Difference::between(before.reminders.as_slice(), task.reminders.as_slice()),
            keeps_plan,
            new_parent: task.parent_id.filter(|parent| before.parent_id != Some(*parent)),
            words: is_found_otherwise.then(|| SearchWords::of(&task.title, task.description.as_ref())),
            former_assignee: before.assignee_id.filter(|_| task.assignee_id != before.assignee_id),
            events: self.events(&task, actor_id),
            actor_id,
            is_watched: self.project.has_webhooks,
            audit: None,
            task,
        }
    }

    /// The events of the change to `after`.
    fn events(&self, after: &Task, actor_id: UserId) -> Vec<TaskEvent> {
        let before = &self.task;
        let reference = TaskRef::new(after.id, &after.title, &self.project);
        let event = |kind| TaskEvent { task: reference.clone(), actor_id, at: after.updated_at, kind };
        let assigned = after
            .assignee_id
            .filter(|assignee| before.assignee_id != Some(*assignee))
            .map(|assignee_id| event(TaskEventKind::TaskAssigned { assignee_id }));
        let (old, new, assignee_id) = (before.status, after.status, after.assignee_id);
        let moved = (old != new).then(|| event(TaskEventKind::StatusChanged { old, new, assignee_id }));
        assigned.into_iter().chain(moved).collect()
    }

    /// Returns the deletion of this task.
    pub fn remove(&self, actor_id: UserId, now: Timestamp) -> TaskRemoval {
        let task = TaskRef::new(self.task.id, &self.task.title, &self.project);
        let kind = TaskEventKind::TaskDeleted { status: self.task.status };
        let event = TaskEvent { task, actor_id, at: now, kind };
        let is_watched = self.project.has_webhooks;
        TaskRemoval { id: self.task.id, based_on: self.task.version, event, is_watched, audit: None }
    }
}
