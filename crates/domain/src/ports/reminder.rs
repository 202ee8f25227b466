//! Storage of reminders. [`TaskRepository`](super::task::TaskRepository) sets them.

use super::RepositoryError;
use crate::Timestamp;
use async_trait::async_trait;

/// The result of a call.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct GivenReminders {
    /// The number of recorded events.
    pub events: u64,
    /// Whether more reminders were due.
    pub more: bool,
}

/// Turns reminders that are due into events.
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait ReminderRepository: Send + Sync {
    /// Removes up to `limit` of the reminders that are due at `now`, the earliest first, and commits an event
    /// [`TaskEvent::of_reminder`](crate::event::TaskEvent::of_reminder) for each of a task that isn't done. The task's
    /// version stays.
    ///
    /// - Each reminder is given once, however many nodes call this: one of them goes first, the others return at once.
    /// - Where none is due, nothing is locked or written. This is one query by an index.
    async fn give(&self, now: Timestamp, limit: u32) -> Result<GivenReminders, RepositoryError>;
}
