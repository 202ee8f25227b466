//! Publish/subscribe of hints about new notifications. A hint may be lost or repeated; the table of notifications is
//! the truth.

use crate::{id::UserId, notification::NotificationHead};
use async_trait::async_trait;

/// Publishes hints to subscribers on this node.
#[cfg_attr(feature = "mock", mockall::automock)]
pub trait NotificationBus: Send + Sync {
    /// Delivers the latest sequence numbers to the users' subscriptions, without waiting until they are read. A number
    /// that is not higher than the last one has no effect. Nothing is kept for a user without a subscription.
    fn publish(&self, heads: &[NotificationHead]);

    /// Subscribes to a user's hints from now on, until the result is dropped.
    fn subscribe(&self, user: UserId) -> Box<dyn NotificationSubscription>;

    /// Returns the users with a subscription on this node, each once.
    fn subscribed_users(&self) -> Vec<UserId>;
}

/// A subscription to one user's hints.
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait NotificationSubscription: Send {
    /// Waits for a sequence number higher than any that this subscription returned, or that the user's other
    /// subscriptions received before it began. Several numbers that arrive meanwhile are returned as one, the highest.
    /// Cancel-safe.
    async fn next(&mut self) -> i64;
}

/// A message from other nodes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum BusMessage {
    /// Users have new notifications.
    Heads(Vec<NotificationHead>),
    /// Messages may have been lost: read the table.
    Gap,
}

/// Receives hints from other nodes.
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait NotificationListener: Send {
    /// Waits for the next message. The first one is [`BusMessage::Gap`]. While the connection to other nodes lasts, the
    /// heads of each committed dispatch follow, in the order of the commits. While it is lost, and once it is back, this
    /// returns [`BusMessage::Gap`], every second or two.
    async fn next(&mut self) -> BusMessage;
}
