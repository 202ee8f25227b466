//! A cache of another issuer's keys: fetched for the first token, when they grow old, and when a token names an unknown
//! key.
//!
//! One fetch runs at a time, however many requests need keys. It runs on a task of its own, so that it continues when
//! its request is dropped. While the issuer is unreachable, the cached keys stay valid.

use super::{
    fetch::{FetchError, Fetcher},
    key::KeySet,
};
use crate::metrics::FetchMeter;
use fasttrack_domain::{Timestamp, token::TokenError};
use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};
use tokio::sync::watch;

/// Intervals and timeout of fetches.
#[derive(Clone, Copy, Debug)]
pub struct Policy {
    /// The age from which keys are fetched again.
    pub lifetime: Duration,
    /// The least time between two fetches for unknown keys.
    pub unknown_key_pause: Duration,
    /// The least time between a failed fetch and the next.
    pub failure_pause: Duration,
    /// The timeout of a fetch.
    pub timeout: Duration,
}

impl Default for Policy {
    /// Sets `lifetime` to ten minutes, `unknown_key_pause` to half a minute, `failure_pause` and `timeout` to five
    /// seconds.
    fn default() -> Self {
        Self {
            lifetime: Duration::from_mins(10),
            unknown_key_pause: Duration::from_secs(30),
            failure_pause: Duration::from_secs(5),
            timeout: Duration::from_secs(5),
        }
    }
}

// @spec SPEC-014
/// The cached keys of one issuer.
pub(super) struct Jwks {
    fetcher: Fetcher,
    policy: Policy,
    meter: FetchMeter,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    known: Option<Known>,
    /// The time of the last fetch for an unknown key.
    unknown_key_fetch_at: Option<Timestamp>,
    /// The time of the last fetch, if it failed.
    failed_at: Option<Timestamp>,
    /// The running fetch. It has ended when the sender was dropped.
    fetch: Option<watch::Receiver<()>>,
}

struct Known {
    keys: Arc<KeySet>,
    fetched_at: Timestamp,
}

/// How a request gets its keys.
enum Decision {
    /// Use the cached keys.
    Use(Arc<KeySet>),
    /// Fail, as there are no keys and a fetch has just failed.
    Unavailable,
    /// Wait for a running fetch, then decide again.
    Join(watch::Receiver<()>),
    /// Wait for a fetch that this request started, then use the cached keys.
    Await(watch::Receiver<()>),
}

impl Jwks {
    /// Creates an empty cache.
    pub(super) fn new(fetcher: Fetcher, policy: Policy) -> Self {
        Self { fetcher, policy, meter: FetchMeter::new(), state: Mutex::default() }
    }

    /// Returns the cached keys, unless a fetch is due.
    pub(super) fn current(&self, now: Timestamp) -> Option<Arc<KeySet>> {
        let state = self.lock();
        let known = state.known.as_ref()?;
        let is_due = !self.is_fresh(known, now) && !self.has_just_failed(&state, now);
        (!is_due).then(|| known.keys.clone())
    }

    /// Returns keys after a fetch where one is due, or where the cached ones don't satisfy `suffices` and another fetch
    /// is allowed. [`TokenError::Unavailable`] if there are none.
    pub(super) async fn keys(
        self: &Arc<Self>,
        now: Timestamp,
        suffices: impl Fn(&KeySet) -> bool,
    ) -> Result<Arc<KeySet>, TokenError> {
        loop {
            match self.decide(now, &suffices) {
                Decision::Use(keys) => return Ok(keys),
                Decision::Unavailable => return Err(TokenError::Unavailable),
                Decision::Join(fetch) => finished(fetch).await,
                Decision::Await(fetch) => {
                    finished(fetch).await;
                    let state = self.lock();
                    return state.known.as_ref().map(|known| known.keys.clone()).ok_or(TokenError::Unavailable);
                }
            }
        }
    }

    fn decide(self: &Arc<Self>, now: Timestamp, suffices: impl Fn(&KeySet) -> bool) -> Decision {
        let mut state = self.lock();
        let fetch = state.fetch.clone().filter(|fetch| fetch.has_changed().is_ok());
        let Some(known) = &state.known else {
            return match fetch {
                Some(fetch) => Decision::Join(fetch),
                None if self.has_just_failed(&state, now) => Decision::Unavailable,
                None => Decision::Await(self.begin(&mut state, now)),
            };
        };
        let keys = known.keys.clone();
        if suffices(&keys) {
            if self.is_fresh(known, now) || self.has_just_failed(&state, now) {
                return Decision::Use(keys);
            }
            // During an outage no request waits for another attempt.
            let is_outage = state.failed_at.is_some();
            match fetch {
                Some(fetch) if !is_outage => Decision::Join(fetch),
                None if !is_outage => Decision::Await(self.begin(&mut state, now)),
                None => {
                    self.begin(&mut state, now);
                    Decision::Use(keys)
                }
                Some(_) => Decision::Use(keys),
            }
        } else if let Some(fetch) = fetch {
            Decision::Join(fetch)
        } else if is_within(state.unknown_key_fetch_at, now, self.policy.unknown_key_pause) {
            Decision::Use(keys)
        } else {
            state.unknown_key_fetch_at = Some(now);
            Decision::Await(self.begin(&mut state, now))
        }
    }

    fn is_fresh(&self, known: &Known, now: Timestamp) -> bool {
        is_within(Some(known.fetched_at), now, self.policy.lifetime)
    }

    fn has_just_failed(&self, state: &State, now: Timestamp) -> bool {
        is_within(state.failed_at, now, self.policy.failure_pause)
    }

    fn begin(self: &Arc<Self>, state: &mut State, now: Timestamp) -> watch::Receiver<()> {
        let (running, fetch) = watch::channel(());
        state.fetch = Some(fetch.clone());
        let jwks = Arc::clone(self);
        tokio::spawn(async move {
            let begun = Instant::now();
            let fetched = jwks.fetcher.fetch().await;
            jwks.finish(fetched, now, begun.elapsed());
            drop(running);
        });
        fetch
    }

    fn finish(&self, fetched: Result<KeySet, FetchError>, begun_at: Timestamp, took: Duration) {
        let mut state = self.lock();
        state.fetch = None;
        let url = self.fetcher.url();
        if fetched.is_ok() { &self.meter.ok } else { &self.meter.failed }.increment(1);
        match fetched {
            Ok(keys) => {
                // Equal keys stay the same object, so that tokens that were verified with them stay cached.
                let same = state.known.take().map(|known| known.keys).filter(|known| **known == keys);
                let keys = same.unwrap_or_else(|| Arc::new(keys));
                state.known = Some(Known { keys, fetched_at: begun_at });
                if state.failed_at.take().is_some() {
                    tracing::info!(%url, "fetched the keys of the other issuer again");
                }
            }
            Err(error) => {
                if state.failed_at.replace(begun_at + took).is_none() {
                    tracing::warn!(%url, %error, "can't fetch the keys of the other issuer; retrying");
                }
            }
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Waits until a fetch has ended.
async fn finished(mut fetch: watch::Receiver<()>) {
    while fetch.changed().await.is_ok() {}
}

/// Whether `at` is less than `span` ago. It may be in the future, as each request has the time of its begin. A time
/// further ahead than `span` was read from a clock that has been set back since.
fn is_within(at: Option<Timestamp>, now: Timestamp, span: Duration) -> bool {
    at.is_some_and(|at| (now - at).abs().to_std().is_ok_and(|distance| distance < span))
}
