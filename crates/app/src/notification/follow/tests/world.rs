//! A table of notifications and a bus in memory.

use super::super::{FollowNotifications, Following, Notifications};
use crate::{
    Error,
    fixtures::{ASSIGNEE, notification, run, unavailable},
};
use async_trait::async_trait;
use fasttrack_domain::{
    Timestamp,
    id::UserId,
    notification::{Notification, NotificationHead},
    page::{Page, PageRequest},
    ports::{
        RepositoryError,
        notification::NotificationRepository,
        notification_bus::{NotificationBus, NotificationSubscription},
    },
};
use std::{
    collections::VecDeque,
    future::poll_fn,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicI64, AtomicUsize, Ordering::SeqCst},
    },
    task::Poll,
};

/// A table and a bus with configurable content. Neither wakes a waiter: each is polled again.
#[derive(Default)]
pub(super) struct World {
    /// The table has the notifications 1 to this number.
    head: AtomicI64,
    hints: Mutex<VecDeque<i64>>,
    followed: AtomicBool,
    reads: AtomicUsize,
    pub(super) failures: AtomicUsize,
    /// This number is committed between the subscription and the read of the table; 0 for none.
    pub(super) late: AtomicI64,
    /// How often a read is polled before it completes.
    pub(super) slow: AtomicUsize,
}

impl World {
    pub(super) fn with(head: i64) -> Arc<Self> {
        Arc::new(Self { head: head.into(), ..Self::default() })
    }

    /// Commits the notifications up to this number without a hint on the bus.
    pub(super) fn commit(&self, head: i64) {
        self.head.fetch_max(head, SeqCst);
    }

    pub(super) fn hint(&self, seq: i64) {
        self.hints.lock().unwrap().push_back(seq);
    }

    pub(super) fn arrive(&self, head: i64) {
        self.commit(head);
        self.hint(head);
    }

    pub(super) fn reads(&self) -> usize {
        self.reads.swap(0, SeqCst)
    }

    pub(super) fn follow(self: &Arc<Self>, since: Option<i64>) -> Result<Following, Error> {
        let (table, bus) = (Arc::new(Shared(Arc::clone(self))), Arc::new(Shared(Arc::clone(self))));
        run(Notifications { notifications: table, bus }.follow(FollowNotifications { user_id: ASSIGNEE.id, since }))
    }
}

/// Implements the ports: a trait of another crate can't be implemented for `Arc<World>`.
struct Shared(Arc<World>);

#[async_trait]
impl NotificationRepository for Shared {
    async fn after(&self, user: UserId, seq: i64, limit: u32) -> Result<Vec<Notification>, RepositoryError> {
        assert_eq!(user, ASSIGNEE.id);
        self.0.reads.fetch_add(1, SeqCst);
        poll_fn(|_| match self.0.slow.fetch_update(SeqCst, SeqCst, |turns| turns.checked_sub(1)) {
            Ok(_) => Poll::Pending,
            Err(_) => Poll::Ready(()),
        })
        .await;
        if self.0.failures.fetch_update(SeqCst, SeqCst, |left| left.checked_sub(1)).is_ok() {
            return Err(unavailable());
        }
        Ok((seq + 1..=self.0.head.load(SeqCst)).take(limit as usize).map(notification).collect())
    }

    async fn heads(&self, users: Vec<UserId>) -> Result<Vec<NotificationHead>, RepositoryError> {
        assert_eq!(users, [ASSIGNEE.id]);
        assert!(self.0.followed.load(SeqCst), "what comes before the feed begins would be missed");
        match self.0.late.swap(0, SeqCst) {
            0 => {}
            late => self.0.arrive(late),
        }
        let seq = self.0.head.load(SeqCst);
        Ok((seq > 0).then_some(NotificationHead { user_id: ASSIGNEE.id, seq }).into_iter().collect())
    }

    async fn list(&self, _: UserId, _: bool, _: PageRequest) -> Result<Page<Notification>, RepositoryError> {
        unreachable!("pages are another use case's")
    }

    async fn mark_read(&self, _: UserId, _: i64) -> Result<(), RepositoryError> {
        unreachable!("reading marks nothing")
    }

    async fn delete_until(&self, _: Timestamp, _: u32) -> Result<u64, RepositoryError> {
        unreachable!("following deletes nothing")
    }
}

impl NotificationBus for Shared {
    fn publish(&self, _: &[NotificationHead]) {
        unreachable!("who follows puts up nothing")
    }

    fn subscribe(&self, user: UserId) -> Box<dyn NotificationSubscription> {
        assert_eq!(user, ASSIGNEE.id);
        self.0.followed.store(true, SeqCst);
        Box::new(Shared(Arc::clone(&self.0)))
    }

    fn subscribed_users(&self) -> Vec<UserId> {
        unreachable!("who follows asks for nobody else")
    }
}

#[async_trait]
impl NotificationSubscription for Shared {
    async fn next(&mut self) -> i64 {
        poll_fn(|_| self.0.hints.lock().unwrap().pop_front().map_or(Poll::Pending, Poll::Ready)).await
    }
}
