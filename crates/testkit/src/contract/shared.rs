//! What the cases of several areas have in common.

use crate::{HasPort, builders::subscriber};
use fasttrack_domain::{
    event::Event,
    ports::{
        RepositoryError,
        outbox::{Dispatched, EventSubscriber, Outbox},
        revocation::RevocationRepository,
    },
    revocation::Revocation,
    text::DisplayName,
};
use std::{
    fmt::Debug,
    sync::{Arc, Mutex},
};
use tokio::{sync::Barrier, task::JoinSet};

/// Starts `n` calls at one moment, each on a task of its own, and waits for all of them.
pub(super) async fn simultaneously<T, F>(n: usize, call: impl Fn(usize) -> F) -> Vec<T>
where
    T: Send + 'static,
    F: Future<Output = T> + Send + 'static,
{
    let start = Arc::new(Barrier::new(n));
    let mut calls = JoinSet::new();
    for call in (0..n).map(call) {
        let start = Arc::clone(&start);
        calls.spawn(async move {
            start.wait().await;
            call.await
        });
    }
    calls.join_all().await
}

/// Pseudorandom numbers, the same in each run.
pub(super) struct TestRng(u64);

impl TestRng {
    pub(super) fn new(seed: usize) -> Self {
        Self(seed as u64)
    }

    /// A number from 0 to `bound` - 1.
    pub(super) fn below(&mut self, bound: usize) -> usize {
        // SplitMix64.
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        usize::try_from((mixed ^ (mixed >> 31)) % bound as u64).unwrap()
    }
}

/// The constraint that `result` is a conflict with.
#[track_caller]
pub(super) fn conflict<T: Debug>(result: Result<T, RepositoryError>) -> &'static str {
    match result {
        Err(RepositoryError::Conflict { constraint }) => constraint,
        other => panic!("expected a conflict, got {other:?}"),
    }
}

pub(super) type Subscribers = Arc<[Arc<dyn EventSubscriber>]>;

/// A subscriber that records the events it gets, and a function that takes them.
pub(super) fn recording() -> (Subscribers, impl Fn() -> Vec<(Event, DisplayName)>) {
    let recorded: Arc<Mutex<Vec<_>>> = Arc::default();
    let keep = {
        let recorded = Arc::clone(&recorded);
        move |event: &Event, actor: &DisplayName| {
            recorded.lock().unwrap().push((event.clone(), actor.clone()));
            Vec::new()
        }
    };
    (Arc::new([subscriber(keep)]), move || std::mem::take(&mut *recorded.lock().unwrap()))
}

/// Dispatches all pending events, `limit` at a time, and returns the result of each call.
pub(crate) async fn dispatch_all(
    ports: &impl HasPort<dyn Outbox>,
    subscribers: Subscribers,
    limit: usize,
) -> Vec<Dispatched> {
    let mut all = Vec::new();
    loop {
        let dispatched = ports.port().dispatch(Arc::clone(&subscribers), limit).await.unwrap();
        let more = dispatched.more;
        all.push(dispatched);
        if !more {
            return all;
        }
    }
}

/// Every entry of the blocklist that is not deleted.
pub(super) async fn blocklist(ports: &impl HasPort<dyn RevocationRepository>) -> Vec<Revocation> {
    ports.port().since(0).await.unwrap().revocations
}
