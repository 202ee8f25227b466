//! The keys of another issuer, kept: fetched when the first token comes, and again when they grow old or a token names
//! one that isn't among them.
//!
//! However many requests want keys, one fetch is under way, on a task of its own: it goes on when the request that
//! wanted it is given up. While the issuer can't be reached, the keys that are known go on to be good.

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

/// How often an issuer may be asked.
#[derive(Clone, Copy, Debug)]
pub struct Policy {
    /// Keys this old are fetched again.
    pub lifetime: Duration,
    /// Between two fetches for the sake of keys that tokens name and nobody knows.
    pub unknown_key_pause: Duration,
    /// After a fetch that failed.
    pub failure_pause: Duration,
    /// For a whole fetch.
    pub timeout: Duration,
}

impl Default for Policy {
    /// Ten minutes, half a minute, five seconds, and five again.
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
/// An issuer's keys.
pub(super) struct Jwks {
    fetcher: Fetcher,
    policy: Policy,
    meter: FetchMeter,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    known: Option<Known>,
    /// The last fetch for the sake of an unknown key.
    asked_at: Option<Timestamp>,
    /// The last fetch, if it failed.
    failed_at: Option<Timestamp>,
    /// The fetch that is under way; it ends when the sender is gone.
    flight: Option<watch::Receiver<()>>,
}

struct Known {
    keys: Arc<KeySet>,
    fetched_at: Timestamp,
}

/// What to do for keys.
enum Decision {
    /// These are the ones.
    Use(Arc<KeySet>),
    /// None are to be had.
    Unavailable,
    /// Wait for somebody else's fetch, and look again.
    Join(watch::Receiver<()>),
    /// Wait for a fetch that was begun now, and take what there is then.
    Await(watch::Receiver<()>),
}

impl Jwks {
    /// None yet.
    pub(super) fn new(fetcher: Fetcher, policy: Policy) -> Self {
        Self { fetcher, policy, meter: FetchMeter::new(), state: Mutex::default() }
    }

    /// The keys, unless they are to be fetched first.
    pub(super) fn current(&self, now: Timestamp) -> Option<Arc<KeySet>> {
        let state = self.lock();
        let known = state.known.as_ref()?;
        let is_due = !self.is_fresh(known, now) && !self.has_just_failed(&state, now);
        (!is_due).then(|| known.keys.clone())
    }

    /// The keys, fetched where that is due, or where those that are known don't do for `suffices` and the issuer may
    /// be asked for others. [`TokenError::Unavailable`] where there are none.
    pub(super) async fn keys(
        self: &Arc<Self>,
        now: Timestamp,
        suffices: impl Fn(&KeySet) -> bool,
    ) -> Result<Arc<KeySet>, TokenError> {
        loop {
            match self.decide(now, &suffices) {
                Decision::Use(keys) => return Ok(keys),
                Decision::Unavailable => return Err(TokenError::Unavailable),
                Decision::Join(flight) => landing(flight).await,
                Decision::Await(flight) => {
                    landing(flight).await;
                    let state = self.lock();
                    return state.known.as_ref().map(|known| known.keys.clone()).ok_or(TokenError::Unavailable);
                }
            }
        }
    }

    fn decide(self: &Arc<Self>, now: Timestamp, suffices: impl Fn(&KeySet) -> bool) -> Decision {
        let mut state = self.lock();
        let flight = state.flight.clone().filter(|flight| flight.has_changed().is_ok());
        let Some(known) = &state.known else {
            return match flight {
                Some(flight) => Decision::Join(flight),
                None if self.has_just_failed(&state, now) => Decision::Unavailable,
                None => Decision::Await(self.begin(&mut state, now)),
            };
        };
        let keys = known.keys.clone();
        if suffices(&keys) {
            if self.is_fresh(known, now) || self.has_just_failed(&state, now) {
                return Decision::Use(keys);
            }
            // During an outage nobody is held up by another try.
            let is_outage = state.failed_at.is_some();
            match flight {
                Some(flight) if !is_outage => Decision::Join(flight),
                None if !is_outage => Decision::Await(self.begin(&mut state, now)),
                None => {
                    self.begin(&mut state, now);
                    Decision::Use(keys)
                }
                Some(_) => Decision::Use(keys),
            }
        } else if let Some(flight) = flight {
            Decision::Join(flight)
        } else if is_within(state.asked_at, now, self.policy.unknown_key_pause) {
            Decision::Use(keys)
        } else {
            state.asked_at = Some(now);
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
        let (landing, flight) = watch::channel(());
        state.flight = Some(flight.clone());
        let jwks = Arc::clone(self);
        tokio::spawn(async move {
            let begun = Instant::now();
            let fetched = jwks.fetcher.fetch().await;
            jwks.land(fetched, now, begun.elapsed());
            drop(landing);
        });
        flight
    }

    fn land(&self, fetched: Result<KeySet, FetchError>, begun_at: Timestamp, took: Duration) {
        let mut state = self.lock();
        state.flight = None;
        let url = self.fetcher.url();
        if fetched.is_ok() { &self.meter.ok } else { &self.meter.failed }.increment(1);
        match fetched {
            Ok(keys) => {
                // The same keys stay the same object: what they have proven stays proven.
                let same = state.known.take().map(|known| known.keys).filter(|known| **known == keys);
                let keys = same.unwrap_or_else(|| Arc::new(keys));
                state.known = Some(Known { keys, fetched_at: begun_at });
                if state.failed_at.take().is_some() {
                    tracing::info!(%url, "the keys of the other issuer can be fetched again");
                }
            }
            Err(error) => {
                if state.failed_at.replace(begun_at + took).is_none() {
                    tracing::warn!(%url, %error, "the keys of the other issuer can't be fetched; trying on");
                }
            }
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Waits until a fetch is over.
async fn landing(mut flight: watch::Receiver<()>) {
    while flight.changed().await.is_ok() {}
}

/// Whether `at` is less than `span` ago. It may seem to come yet, as requests bring the time of their begin; further away
/// than `span`, it was told by a clock that has been set back since.
fn is_within(at: Option<Timestamp>, now: Timestamp, span: Duration) -> bool {
    at.is_some_and(|at| (now - at).abs().to_std().is_ok_and(|distance| distance < span))
}
