mod world;

use super::*;
use std::{
    pin::pin,
    sync::atomic::Ordering::SeqCst,
    task::{Context, Poll, Waker},
};
use world::World;

fn numbers(notifications: &[Notification]) -> Vec<i64> {
    notifications.iter().map(|notification| notification.seq).collect()
}

/// Returns what the stream has without waiting; `None` if it has nothing yet.
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
