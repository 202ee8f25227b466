//! The transactional outbox: stores events with their changes, and dispatches them to subscribers.

use super::RepositoryError;
use crate::{
    Timestamp,
    audience::Audience,
    event::Event,
    job::NewJob,
    notification::{NewNotification, NotificationHead},
    statistics::StatisticsDelta,
    text::DisplayName,
    webhook::NewDelivery,
};
use async_trait::async_trait;
use std::sync::Arc;

/// A consequence of an event. It is committed in the transaction that completes the event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Consequence {
    Notify(NewNotification),
    Count(StatisticsDelta),
    Enqueue(NewJob),
    /// Each active webhook of the project that has the type gets a delivery.
    Deliver(NewDelivery),
}

impl Consequence {
    /// The access that its recipient must have; `None` for a consequence without a recipient.
    pub const fn audience(&self) -> Option<Audience> {
        match self {
            Self::Notify(notification) => Some(notification.audience()),
            Self::Enqueue(job) => job.payload.audience(),
            Self::Count(_) | Self::Deliver(_) => None,
        }
    }
}

/// Derives consequences from events. Each event is passed once, the events of one task in their order.
/// [`Touched`](crate::event::Touched) is not passed, as it has no other consequence than its change in the feed.
///
/// It is called within an open transaction: it must not block, and it is called again for an event whose transaction
/// failed.
#[cfg_attr(feature = "mock", mockall::automock)]
pub trait EventSubscriber: Send + Sync {
    /// Returns the consequences of `event`; `actor` is the name of the user who caused it.
    fn consequences(&self, event: &Event, actor: &DisplayName) -> Vec<Consequence>;
}

/// The result of a dispatch.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Dispatched {
    /// The number of completed events.
    pub events: usize,
    /// Whether more events may be waiting.
    pub more: bool,
    /// The latest sequence number of each notified user, each user once.
    pub heads: Vec<NotificationHead>,
}

/// The number of undispatched events.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Backlog {
    pub waiting: u32,
    /// The time of the oldest waiting event.
    pub waiting_since: Option<Timestamp>,
    /// Events that were set aside as they can't be read.
    pub set_aside: u32,
}

/// Stores the events of committed changes until their consequences are committed.
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait Outbox: Send + Sync {
    /// Takes up to `limit` of the oldest waiting events, and commits the consequences that `subscribers` derive
    /// together with the events' completion. Large events make it fewer: about 512 KiB of them, at least one.
    ///
    /// - Each event is completed exactly once, and the events of one task in their order, however many nodes dispatch:
    ///   one of them goes first.
    /// - A user's notifications are numbered 1, 2, 3 … in the order of [`Consequence`]s.
    /// - Statistics and deliveries of a deleted project are dropped.
    /// - What the events [change](Event::things) is in the [feed](super::change::ChangeFeed) with that commit.
    /// - A webhook keeps its newest [`MAX_DELIVERIES`](crate::webhook::MAX_DELIVERIES).
    /// - A consequence with an [`audience`](Consequence::audience) is dropped unless
    ///   [`Grants::include`](crate::audience::Grants::include) it by what is stored then. What grants the access can't end
    ///   before the dispatch is committed.
    /// - An event that can't be read is logged and set aside, and doesn't hold up others.
    async fn dispatch(
        &self,
        subscribers: Arc<[Arc<dyn EventSubscriber>]>,
        limit: usize,
    ) -> Result<Dispatched, RepositoryError>;

    /// Makes the events of this [kind](Event::name) that were set aside wait again: another release, which can't read them,
    /// may have done so. Returns their number.
    async fn retry_set_aside(&self, kind: &'static str) -> Result<u64, RepositoryError>;

    /// Counts undispatched events. It reads the oldest `limit` events only, so that its duration is bounded;
    /// `waiting_since` is exact in any case.
    async fn backlog(&self, limit: u32) -> Result<Backlog, RepositoryError>;

    /// Waits until a change with events was committed through this adapter since the last call returned. Changes that
    /// another process committed are not noticed, so that callers poll too.
    async fn wait(&self);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        id::{ProjectId, UserId},
        job::JobPayload,
        membership::GrantedRole,
        notification::NotificationContent,
    };

    #[test]
    fn only_a_notification_of_somebody_needs_access() {
        let (user_id, project_id, at) = (UserId::new(5), ProjectId::new(7), Timestamp::UNIX_EPOCH);
        let name = || DisplayName::cut("Ann").unwrap();
        let (project, role) = ("Garden".parse().unwrap(), GrantedRole::Viewer);
        let content = NotificationContent::ProjectShared { project_id, project, role, shared_by: name() };
        let notified = NewNotification { user_id, actor_id: UserId::new(6), content, at };
        assert_eq!(Consequence::Notify(notified).audience(), Some(Audience { user_id, project_id, task_id: None }));
        let job = NewJob { payload: JobPayload::DigestMail { user_id }, created_at: at };
        let delta = StatisticsDelta { project_id, todo: 1, in_progress: 0, done: 0, at };
        for consequence in [Consequence::Enqueue(job), Consequence::Count(delta)] {
            assert_eq!(consequence.audience(), None);
        }
    }
}
