//! The server as the actors see it: its address, which changes with each restart, and what became of their requests.

use fasttrack_tests::{Answer, Client, Request};
use std::{
    collections::BTreeMap,
    sync::{
        Mutex, MutexGuard,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
};
use tokio::sync::{RwLock, RwLockReadGuard, RwLockWriteGuard};

/// The status of what the server can't do at the moment.
const UNAVAILABLE: u16 = 503;

/// Messages that are kept of failed requests.
const MESSAGES: usize = 20;

/// Where requests go. While it is locked for writing, the server is being restarted, and requests wait.
pub(super) struct Address {
    /// Sends no token.
    pub(super) client: Client,
    generation: u64,
}

pub(super) struct Site {
    address: RwLock<Address>,
    /// The number of restarts that have begun: what began in another generation was interrupted.
    generation: AtomicU64,
    is_over: AtomicBool,
    tally: Mutex<Tally>,
}

/// What became of requests.
#[derive(Clone, Debug, Default)]
pub(super) struct Tally {
    pub(super) requests: u64,
    /// Those that were answered as expected, by kind.
    pub(super) succeeded: BTreeMap<&'static str, u64>,
    /// Those without the expected answer because of a restart.
    pub(super) interrupted: u64,
    pub(super) failed: u64,
    /// Those that were answered with 503.
    pub(super) unavailable: u64,
    /// What the first failures were.
    pub(super) messages: Vec<String>,
}

impl Tally {
    /// How many of these kinds succeeded.
    pub(super) fn count(&self, kinds: &[&str]) -> u64 {
        kinds.iter().filter_map(|kind| self.succeeded.get(*kind)).sum()
    }
}

impl Site {
    pub(super) fn new(client: Client) -> Self {
        Self {
            address: RwLock::new(Address { client, generation: 0 }),
            generation: AtomicU64::new(0),
            is_over: AtomicBool::new(false),
            tally: Mutex::default(),
        }
    }

    /// Ends the load.
    pub(super) fn end(&self) {
        self.is_over.store(true, Ordering::SeqCst);
    }

    pub(super) fn is_over(&self) -> bool {
        self.is_over.load(Ordering::SeqCst)
    }

    pub(super) fn tally(&self) -> MutexGuard<'_, Tally> {
        self.tally.lock().unwrap()
    }

    /// The address, which stays as long as the guard is held.
    pub(super) async fn address(&self) -> RwLockReadGuard<'_, Address> {
        self.address.read().await
    }

    /// Begins a restart: running requests may fail from now on, and new ones wait until the guard is dropped.
    pub(super) async fn interrupt(&self) -> RwLockWriteGuard<'_, Address> {
        let mut address = self.address.write().await;
        address.generation = self.generation.fetch_add(1, Ordering::SeqCst) + 1;
        address
    }

    /// Sends a request. `None` if it wasn't answered with this status, which is counted.
    pub(super) async fn send(
        &self,
        kind: &'static str,
        token: Option<&str>,
        request: impl FnOnce(&Client) -> Request,
        status: u16,
    ) -> Option<Answer> {
        let (client, generation) = {
            let address = self.address().await;
            (address.client.clone(), address.generation)
        };
        let client = token.map_or_else(|| client.clone(), |token| client.with_token(token));
        let answer = request(&client).try_send().await;
        match answer {
            Some(answer) if answer.status == status => {
                self.succeed(kind);
                Some(answer)
            }
            Some(answer) => {
                self.fail(generation, Some(answer.status), format!("{kind}: {} {}", answer.status, answer.code()));
                None
            }
            None => {
                self.fail(generation, None, format!("{kind}: no answer"));
                None
            }
        }
    }

    pub(super) fn succeed(&self, kind: &'static str) {
        let mut tally = self.tally();
        tally.requests += 1;
        *tally.succeeded.entry(kind).or_default() += 1;
    }

    /// Counts a failure of the address that is held, with the status if it is known.
    pub(super) fn fail_at(&self, address: &Address, status: Option<u16>, message: String) {
        self.fail(address.generation, status, message);
    }

    fn fail(&self, generation: u64, status: Option<u16>, message: String) {
        let is_interrupted = self.generation.load(Ordering::SeqCst) != generation;
        let mut tally = self.tally();
        tally.requests += 1;
        if is_interrupted {
            tally.interrupted += 1;
            return;
        }
        if status == Some(UNAVAILABLE) {
            tally.unavailable += 1;
        } else {
            tally.failed += 1;
        }
        if tally.messages.len() < MESSAGES {
            tally.messages.push(message);
        }
    }
}

#[tokio::test]
async fn only_failures_without_a_restart_count() {
    // Nothing listens on this port.
    let site = Site::new(Client::new("http://127.0.0.1:1"));
    assert!(site.send("read", None, |client| client.get("/projects"), 200).await.is_none());
    drop(site.interrupt().await);
    // This request had begun before the restart.
    site.fail(0, None, "list: no answer".to_owned());
    site.fail(1, Some(UNAVAILABLE), "list: 503".to_owned());
    let tally = site.tally().clone();
    assert_eq!((tally.requests, tally.failed, tally.interrupted, tally.unavailable), (3, 1, 1, 1));
    assert_eq!(tally.messages, ["read: no answer", "list: 503"]);
}
