//! How many tasks of a project stand where.

use crate::{
    Timestamp,
    event::{Event, EventKind},
    id::ProjectId,
    task::TaskStatus,
};

/// A project's tasks by their status.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProjectStatistics {
    /// Which project.
    pub project_id: ProjectId,
    /// Tasks that aren't begun.
    pub todo: i64,
    /// Tasks that are.
    pub in_progress: i64,
    /// Tasks that are finished.
    pub done: i64,
    /// When a number last changed; when the project was made where none ever did.
    pub updated_at: Timestamp,
}

impl ProjectStatistics {
    /// Of a project that has no tasks yet.
    pub const fn none(project_id: ProjectId, created_at: Timestamp) -> Self {
        Self { project_id, todo: 0, in_progress: 0, done: 0, updated_at: created_at }
    }

    /// All tasks.
    pub const fn total(&self) -> i64 {
        self.todo + self.in_progress + self.done
    }
}

/// What an event adds to a project's numbers, and takes from them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StatisticsDelta {
    /// Which project.
    pub project_id: ProjectId,
    /// To the tasks that aren't begun.
    pub todo: i64,
    /// To the tasks that are.
    pub in_progress: i64,
    /// To the tasks that are finished.
    pub done: i64,
    /// When.
    pub at: Timestamp,
}

impl StatisticsDelta {
    /// Of this event; `None` where it changes no number.
    pub fn of(event: &Event) -> Option<Self> {
        let (from, to) = match event.kind {
            EventKind::TaskCreated { status } => (None, Some(status)),
            EventKind::TaskDeleted { status } => (Some(status), None),
            EventKind::StatusChanged { old, new, .. } => (Some(old), Some(new)),
            EventKind::TaskAssigned { .. } | EventKind::CommentAdded { .. } => return None,
        };
        let mut delta = Self { project_id: event.task.project_id, todo: 0, in_progress: 0, done: 0, at: event.at };
        for (status, by) in [(from, -1), (to, 1)] {
            match status {
                Some(TaskStatus::Todo) => delta.todo += by,
                Some(TaskStatus::InProgress) => delta.in_progress += by,
                Some(TaskStatus::Done) => delta.done += by,
                None => {}
            }
        }
        Some(delta)
    }
}
