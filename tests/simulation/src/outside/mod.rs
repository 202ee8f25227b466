//! What is outside of storage: time, secrets, tokens, mail servers and receivers of webhooks.

mod access;
mod mail;
mod receivers;
mod tokens;

pub(crate) use access::{AuditLines, Passwords, Secrets};
pub(crate) use mail::MailServer;
pub(crate) use receivers::{AnyEndpoint, PlainEncoder, Received, Receivers};
pub(crate) use tokens::PlainTokens;

use crate::scheduler::Sim;
use chrono::TimeDelta;
use fasttrack_domain::{Timestamp, ports::clock::Clock};
use std::sync::{
    Arc,
    atomic::{AtomicI64, Ordering},
};

/// When simulations begin: 2026-01-02 03:04:05 UTC.
pub(crate) const BEGIN: Timestamp = Timestamp::from_timestamp_micros(1_767_323_045_000_000).unwrap();

/// The clock of a node, which goes wrong by a number of microseconds.
pub(crate) struct NodeClock {
    pub(crate) sim: Arc<Sim>,
    pub(crate) error: Arc<AtomicI64>,
}

impl Clock for NodeClock {
    fn now(&self) -> Timestamp {
        let passed = i64::try_from(self.sim.now()).unwrap() + self.error.load(Ordering::Relaxed);
        BEGIN + TimeDelta::microseconds(passed)
    }
}
