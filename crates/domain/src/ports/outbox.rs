//! The outbox of events, and those who draw conclusions from them.

use super::RepositoryError;
use crate::{
    Timestamp,
    event::Event,
    job::NewJob,
    notification::{NewNotification, News},
    statistics::StatisticsDelta,
    text::DisplayName,
};
use async_trait::async_trait;
use std::sync::Arc;

/// What follows from an event. Committed together with the event's end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Consequence {
    /// A user is told.
    Notify(NewNotification),
    /// A project's numbers change.
    Count(StatisticsDelta),
    /// Something is to be done.
    Enqueue(NewJob),
}

/// Draws conclusions from events. Sees each event once, in the order in which the events of a task happened.
///
/// Runs while a transaction is open: it must not wait for anything, and it may be asked again about an event whose
/// transaction failed.
#[cfg_attr(feature = "mock", mockall::automock)]
pub trait EventSubscriber: Send + Sync {
    /// What follows from `event`, which `actor` caused.
    fn consequences(&self, event: &Event, actor: &DisplayName) -> Vec<Consequence>;
}

/// What came of a dispatch.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Dispatched {
    /// Events that are done.
    pub events: usize,
    /// Whether more were waiting.
    pub more: bool,
    /// How far the notifications of those who were told reach now, each user once.
    pub news: Vec<News>,
}

/// What stands in the outbox.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Backlog {
    /// Events that wait to be dispatched.
    pub waiting: u32,
    /// When the one happened that waits longest.
    pub waiting_since: Option<Timestamp>,
    /// Events that could not be read.
    pub set_aside: u32,
}

/// Keeps the events that were committed with their changes until what follows from them is committed too.
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait Outbox: Send + Sync {
    /// Takes up to `limit` of the oldest events that wait, and commits what `subscribers` make of them with the
    /// events' end. Of any number of nodes that do so at once, one goes first: an event is done exactly once, and
    /// events of one task in their order.
    ///
    /// A user's notifications are numbered 1, 2, 3 … in the order of [`Consequence`]s. Numbers of a project that is
    /// gone are dropped. An event that can't be read is logged, set aside, and holds up no other.
    async fn dispatch(
        &self,
        subscribers: Arc<[Arc<dyn EventSubscriber>]>,
        limit: usize,
    ) -> Result<Dispatched, RepositoryError>;

    /// What stands in the outbox. Counts the oldest `limit` events, so that it takes no longer than that however many
    /// there are; `waiting_since` is right in any case.
    async fn backlog(&self, limit: u32) -> Result<Backlog, RepositoryError>;

    /// Waits until a change with events was committed through this adapter since the last call returned. A hint: what
    /// another process committed is not noticed, and what nobody waited to hear is lost.
    async fn wait(&self);
}
