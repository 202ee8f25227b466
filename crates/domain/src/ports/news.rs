//! Publish/subscribe of hints about new notifications. A hint may be lost or repeated; the table of notifications is
//! the truth.

use crate::{id::UserId, notification::News};
use async_trait::async_trait;

/// Publishes hints to subscribers on this node.
#[cfg_attr(feature = "mock", mockall::automock)]
pub trait NewsBoard: Send + Sync {
    /// Publishes the latest sequence numbers without waiting. A number that is not higher than the last one has no
    /// effect.
    fn post(&self, news: &[News]);

    /// Subscribes to a user's hints from now on, until the result is dropped.
    fn follow(&self, user: UserId) -> Box<dyn NewsFeed>;

    /// Returns the users with a subscriber on this node.
    fn followed(&self) -> Vec<UserId>;
}

/// A subscription to one user's hints.
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait NewsFeed: Send {
    /// Waits for a sequence number higher than any that this subscription returned, or that was published before it
    /// began. Several numbers that arrive meanwhile are returned as one, the highest. Cancel-safe.
    async fn next(&mut self) -> i64;
}

/// A message from other nodes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Heard {
    /// Users have new notifications.
    News(Vec<News>),
    /// Messages may have been lost: read the table.
    Gap,
}

/// Receives hints from other nodes.
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait NewsSource: Send {
    /// Waits for the next message. While the connection to other nodes is lost, and once it is back, this is
    /// [`Heard::Gap`], about once a second.
    async fn next(&mut self) -> Heard;
}
