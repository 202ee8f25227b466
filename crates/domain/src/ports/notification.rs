//! Storage of notifications. They are made by [`Outbox`](super::outbox::Outbox).

use super::RepositoryError;
use crate::{
    Timestamp,
    id::UserId,
    notification::{News, Notification},
    page::{Page, PageRequest},
};
use async_trait::async_trait;

/// Reads notifications and keeps what was read.
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait NotificationRepository: Send + Sync {
    /// A page of the user's notifications, the newest first; only unread ones where `unread` is set. Its cursor is a
    /// `seq`.
    async fn list(&self, user: UserId, unread: bool, page: PageRequest) -> Result<Page<Notification>, RepositoryError>;

    /// Up to `limit` notifications behind number `seq`, in their order.
    async fn after(&self, user: UserId, seq: i64, limit: u32) -> Result<Vec<Notification>, RepositoryError>;

    /// How far the notifications of each of these users reach. Who has none is left out.
    async fn heads(&self, users: Vec<UserId>) -> Result<Vec<News>, RepositoryError>;

    /// Marks all of the user's notifications up to number `up_to` as read that exist now. What was read stays so.
    async fn mark_read(&self, user: UserId, up_to: i64) -> Result<(), RepositoryError>;

    /// Deletes notifications that were made at `until` or earlier, those of all users, the oldest first. How many. The
    /// numbers of later ones go on from those that were given out. Deletes no more than about `limit` at once: where as
    /// many went, there may be others.
    async fn delete_until(&self, until: Timestamp, limit: u32) -> Result<u64, RepositoryError>;
}
