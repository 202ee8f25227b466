//! The latest number of the change feed, for the connections of this node that wait for changes.

use fasttrack_app::Error;
use fasttrack_domain::{change::FeedReader, failure::Outage, id::UserId, ports::change::FeedNews};
use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard, PoisonError},
};
use tokio::sync::{
    Semaphore, SemaphorePermit,
    watch::{self, Receiver, Sender},
};

/// The most reads of the feed for connections of this node at once. A change of a project with many members would else take
/// all connections to the database from requests.
const MAX_READS: usize = 4;

// @spec SPEC-026
/// The latest number that is known here: 0 until something waits for changes. A task of the background work updates it.
#[derive(Debug)]
pub struct ChangeHead {
    /// The latest number of all, which administrators wait for.
    seq: Sender<i64>,
    /// The latest number that may matter to each user who waits.
    users: Mutex<HashMap<UserId, Sender<i64>>>,
    reads: Semaphore,
    outage: Outage,
}

impl Default for ChangeHead {
    fn default() -> Self {
        let reads = Semaphore::new(MAX_READS);
        Self { seq: watch::channel(0).0, users: Mutex::default(), reads, outage: Outage::default() }
    }
}

/// Sets a number, if it is higher.
fn raise(sender: &Sender<i64>, seq: i64) {
    sender.send_if_modified(|known| {
        let is_higher = seq > *known;
        if is_higher {
            *known = seq;
        }
        is_higher
    });
}

impl ChangeHead {
    fn users(&self) -> MutexGuard<'_, HashMap<UserId, Sender<i64>>> {
        self.users.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Subscribes to higher numbers that may matter to a reader, until the result is dropped.
    pub(super) fn subscribe(&self, reader: &FeedReader) -> ChangeWait {
        let of_all = self.seq.subscribe();
        let own = if reader.sees_all {
            of_all.clone()
        } else {
            self.users().entry(reader.id).or_insert_with(|| watch::channel(self.latest()).0).subscribe()
        };
        ChangeWait { own, of_all }
    }

    /// Whether a connection waits for changes.
    pub fn is_awaited(&self) -> bool {
        self.seq.receiver_count() > 0
    }

    /// The latest number that is known.
    pub fn latest(&self) -> i64 {
        *self.seq.borrow()
    }

    /// Wakes the connections to which the news may matter.
    pub fn publish(&self, news: &FeedNews) {
        raise(&self.seq, news.seq);
        self.users().retain(|user, sender| {
            if news.readers.as_ref().is_none_or(|readers| readers.contains(user)) {
                raise(sender, news.seq);
            }
            sender.receiver_count() > 0
        });
    }

    /// Waits until the feed may be read for a connection: not before the result of the call before is dropped, where many
    /// read. `None` only when the server ends.
    pub(super) async fn permit(&self) -> Option<SemaphorePermit<'_>> {
        self.reads.acquire().await.ok()
    }

    /// Logs the first failed read of changes and the recovery, not each retry in between. Returns what was read.
    pub(super) fn log<T>(&self, result: Result<T, Error>) -> Option<T> {
        match &result {
            Ok(_) if self.outage.recovered() => tracing::info!("can read changes again"),
            Err(error) if self.outage.failed() => {
                tracing::warn!(error = error as &dyn std::error::Error, "can't read changes; retrying");
            }
            _ => {}
        }
        result.ok()
    }
}

/// A subscription to the latest number.
pub(super) struct ChangeWait {
    /// The numbers that may matter to the reader.
    own: Receiver<i64>,
    of_all: Receiver<i64>,
}

impl ChangeWait {
    /// Waits for a number that is higher than at the last return, or than when the subscription began. Cancel safe.
    pub async fn higher(&mut self) {
        // It is closed only when the server ends.
        if self.own.changed().await.is_err() {
            std::future::pending::<()>().await;
        }
    }

    /// The latest number that may matter to the reader, which [`Self::higher`] doesn't wait for any more.
    pub fn latest(&mut self) -> i64 {
        *self.own.borrow_and_update()
    }

    /// The latest number of all.
    pub fn latest_of_all(&self) -> i64 {
        *self.of_all.borrow()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use fasttrack_domain::api_token::Reach;
    use futures_util::FutureExt;

    fn reader(id: i64) -> FeedReader {
        FeedReader { id: UserId::new(id), sees_all: false, reach: Reach::All }
    }

    fn news(seq: i64, readers: &[i64]) -> FeedNews {
        FeedNews { seq, readers: Some(readers.iter().copied().map(UserId::new).collect()) }
    }

    fn is_woken(wait: &mut ChangeWait) -> bool {
        wait.higher().now_or_never().is_some()
    }

    #[test]
    fn news_wake_each_connection_that_they_matter_to_once() {
        let head = ChangeHead::default();
        assert!(!head.is_awaited());
        let [mut first, mut second, mut other] = [1, 1, 2].map(|id| head.subscribe(&reader(id)));
        let mut admin = head.subscribe(&FeedReader { sees_all: true, ..reader(3) });
        assert!(head.is_awaited() && !is_woken(&mut first));
        head.publish(&news(7, &[1]));
        head.publish(&news(7, &[1]));
        for wait in [&mut first, &mut second, &mut admin] {
            assert!(is_woken(wait) && !is_woken(wait));
            assert_eq!(wait.latest(), 7);
        }
        assert!(!is_woken(&mut other));
        assert_eq!(other.latest_of_all(), 7);
        head.publish(&FeedNews { seq: 8, readers: None });
        assert!(is_woken(&mut other));
        assert_eq!((other.latest(), head.latest()), (8, 8));
        drop((first, second, other, admin));
        assert!(!head.is_awaited());
        head.publish(&news(9, &[]));
        assert!(head.users().is_empty(), "a number for nobody is not kept");
    }

    #[test]
    fn a_number_that_is_not_higher_wakes_nobody() {
        let head = ChangeHead::default();
        head.publish(&news(7, &[]));
        let mut wait = head.subscribe(&reader(1));
        for seq in [0, 6, 7] {
            head.publish(&news(seq, &[1]));
            assert!(!is_woken(&mut wait), "{seq}");
        }
        head.publish(&news(8, &[1]));
        assert_eq!(wait.latest(), 8);
        assert!(!is_woken(&mut wait));
    }
}
