use super::*;
use crate::fixtures::{ASSIGNEE, notification, run, unavailable};
use async_trait::async_trait;
use fasttrack_domain::ports::notification_bus::NotificationBus;
use fasttrack_domain::{
    Timestamp,
    notification::NotificationHead,
    page::{Page, PageRequest},
    ports::RepositoryError,
};
use std::{
    collections::VecDeque,
    future::poll_fn,
    pin::pin,
    sync::{
        Mutex,
        atomic::{AtomicBool, AtomicI64, AtomicUsize, Ordering::SeqCst},
    },
    task::{Context, Poll, Waker},
};

/// A table and a bus with configurable content. Neither wakes a waiter: each is polled again.
#[derive(Default)]
struct World {
    /// Numbers 1 to this are in the table.
    head: AtomicI64,
    hints: Mutex<VecDeque<i64>>,
    followed: AtomicBool,
    reads: AtomicUsize,
    failures: AtomicUsize,
    /// Comes between the feed and the look at the table.
    late: AtomicI64,
    /// How often a read is put off.
    slow: AtomicUsize,
}

impl World {
    fn with(head: i64) -> Arc<Self> {
        Arc::new(Self { head: head.into(), ..Self::default() })
    }

    /// Notifications come, up to this number, and nobody is told.
    fn commit(&self, head: i64) {
        self.head.fetch_max(head, SeqCst);
    }

    fn hint(&self, seq: i64) {
        self.hints.lock().unwrap().push_back(seq);
    }

    fn arrive(&self, head: i64) {
        self.commit(head);
        self.hint(head);
    }

    fn reads(&self) -> usize {
        self.reads.swap(0, SeqCst)
    }

    fn follow(self: &Arc<Self>, since: Option<i64>) -> Result<Following, Error> {
        let (table, bus) = (Arc::new(Shared(Arc::clone(self))), Arc::new(Shared(Arc::clone(self))));
        run(Notifications { notifications: table, bus }.follow(FollowNotifications { user_id: ASSIGNEE.id, since }))
    }
}

/// The ports, as traits of others can't be implemented for `Arc<World>`.
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

fn numbers(notifications: &[Notification]) -> Vec<i64> {
    notifications.iter().map(|notification| notification.seq).collect()
}

/// What there is without waiting; who waits gives up.
fn poll(following: &mut Following) -> Option<Result<Vec<i64>, Error>> {
    match pin!(following.next()).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(result) => Some(result.map(|notifications| numbers(&notifications))),
        Poll::Pending => None,
    }
}

fn next(following: &mut Following) -> Vec<i64> {
    poll(following).unwrap().unwrap()
}

fn waits(following: &mut Following) -> bool {
    poll(following).is_none()
}

#[test]
fn without_a_number_only_what_comes_from_now_on_is_given() {
    let world = World::with(7);
    let mut following = world.follow(None).unwrap();
    assert_eq!(following.position(), 7);
    assert!(waits(&mut following));
    assert_eq!(world.reads(), 0);
    world.arrive(9);
    assert_eq!(next(&mut following), [8, 9]);
    assert_eq!(following.position(), 9);
}

#[test]
fn stored_notifications_come_in_batches_before_new_ones() {
    let world = World::with(250);
    let mut following = world.follow(Some(3)).unwrap();
    let batches: Vec<_> = (0..3).map(|_| next(&mut following)).collect();
    assert_eq!(batches.iter().map(Vec::len).collect::<Vec<_>>(), [100, 100, 47]);
    assert_eq!(batches.concat(), (4..=250).collect::<Vec<_>>());
    assert!(waits(&mut following));
    assert_eq!(world.reads(), 3);
    world.arrive(251);
    assert_eq!(next(&mut following), [251]);
}

#[test]
fn a_number_beyond_the_latest_counts_as_the_latest() {
    for (head, since) in [(7, 8), (7, i64::MAX), (0, 1)] {
        let world = World::with(head);
        let mut following = world.follow(Some(since)).unwrap();
        assert_eq!(following.position(), head);
        world.arrive(head + 1);
        assert_eq!(next(&mut following), [head + 1]);
    }
}

#[test]
fn a_user_who_was_never_told_anything_hears_the_first() {
    let world = World::with(0);
    let mut following = world.follow(Some(0)).unwrap();
    assert!(waits(&mut following));
    world.arrive(1);
    assert_eq!(next(&mut following), [1]);
}

#[test]
fn what_comes_between_the_feed_and_the_table_is_given_once() {
    for since in [None, Some(2)] {
        let world = World::with(5);
        world.late.store(6, SeqCst);
        let mut following = world.follow(since).unwrap();
        if since.is_some() {
            assert_eq!(next(&mut following), [3, 4, 5, 6]);
        } else {
            // It was there when the position was taken.
            assert_eq!(following.position(), 6);
        }
        assert!(waits(&mut following));
        world.reads();
        assert!(waits(&mut following));
        assert_eq!(world.reads(), 0, "the hint of what is known costs nothing");
        world.arrive(7);
        assert_eq!(next(&mut following), [7]);
    }
}

#[test]
fn hints_of_what_was_given_cost_no_read() {
    let world = World::with(0);
    let mut following = world.follow(None).unwrap();
    world.commit(3);
    for seq in [1, 2, 3] {
        world.hint(seq);
    }
    assert_eq!(next(&mut following), [1, 2, 3]);
    assert!(waits(&mut following));
    assert_eq!(world.reads(), 1);
}

#[test]
fn hint_without_a_notification_costs_one_read() {
    let world = World::with(2);
    let mut following = world.follow(None).unwrap();
    world.hint(99);
    assert!(waits(&mut following));
    assert!(waits(&mut following));
    assert_eq!(world.reads(), 1);
    world.arrive(3);
    assert_eq!(next(&mut following), [3]);
}

#[test]
fn after_an_error_it_goes_on_where_it_was_without_another_hint() {
    let world = World::with(0);
    let mut following = world.follow(None).unwrap();
    world.failures.store(2, SeqCst);
    world.arrive(2);
    for _ in 0..2 {
        assert!(matches!(poll(&mut following), Some(Err(Error::Unavailable { .. }))));
        assert_eq!(following.position(), 0);
    }
    assert_eq!(next(&mut following), [1, 2]);
}

#[test]
fn a_read_that_is_given_up_is_done_again() {
    let world = World::with(0);
    let mut following = world.follow(None).unwrap();
    world.slow.store(1, SeqCst);
    world.arrive(2);
    assert!(waits(&mut following));
    assert_eq!(following.position(), 0);
    assert_eq!(next(&mut following), [1, 2]);
}

/// Draws numbers below a bound, the same ones for the same seed (xorshift64).
struct Dice(u64);

impl Dice {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % bound
    }
}

#[test]
fn whatever_happens_in_between_each_is_given_once_in_order() {
    for seed in 1..=500 {
        let mut dice = Dice(seed * 0x9E37_79B9);
        let start = dice.below(5);
        let world = World::with(start.try_into().unwrap());
        let mut following = world.follow(Some(0)).unwrap();
        let (mut head, mut given) = (i64::try_from(start).unwrap(), Vec::new());
        let mut take = |following: &mut Following| {
            if let Some(Ok(numbers)) = poll(following) {
                given.extend(numbers);
            }
        };
        while head < 1000 {
            match dice.below(8) {
                0..=2 => {
                    head += i64::try_from(dice.below(150)).unwrap();
                    world.commit(head);
                }
                3 => world.hint(head),
                4 => world.hint(head.saturating_sub(3)),
                5 => world.failures.store(1, SeqCst),
                6 => world.slow.store(1, SeqCst),
                _ => {
                    // The client is cut off, and comes back with the last number that it was given.
                    let since = following.position();
                    following = world.follow(Some(since)).unwrap();
                }
            }
            take(&mut following);
        }
        // What was missed is caught up with at last.
        world.hint(head);
        for _ in 0..head {
            take(&mut following);
        }
        assert_eq!(given, (1..=head).collect::<Vec<_>>(), "seed {seed}");
    }
}
