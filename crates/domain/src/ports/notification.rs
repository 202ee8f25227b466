//! Storage of notifications. [`Outbox`](super::outbox::Outbox) creates them.

use super::RepositoryError;
use crate::{
    Timestamp,
    id::UserId,
    notification::{Notification, NotificationHead},
    page::{Page, PageRequest},
};
use async_trait::async_trait;

/// Reads notifications and marks them as read.
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait NotificationRepository: Send + Sync {
    /// Returns a page of the user's notifications, the newest first; only unread ones if `unread` is set. The cursor is
    /// a sequence number.
    async fn list(&self, user: UserId, unread: bool, page: PageRequest) -> Result<Page<Notification>, RepositoryError>;

    /// Returns up to `limit` notifications after number `seq`, in ascending order.
    async fn after(&self, user: UserId, seq: i64, limit: u32) -> Result<Vec<Notification>, RepositoryError>;

    /// Returns the latest sequence number of each user who has notifications.
    async fn heads(&self, users: Vec<UserId>) -> Result<Vec<NotificationHead>, RepositoryError>;

    /// Marks the user's existing notifications up to number `up_to` as read. None becomes unread.
    async fn mark_read(&self, user: UserId, up_to: i64) -> Result<(), RepositoryError>;

    /// Deletes the notifications of all users from `until` or earlier, the oldest first, and returns their number.
    /// Later notifications continue the numbering. Each call deletes no more than about `limit`: if as many were
    /// deleted, there may be others.
    async fn delete_until(&self, until: Timestamp, limit: u32) -> Result<u64, RepositoryError>;
}
