//! What one load on one server gave.

use super::{case::Case, subject::Subject};
use std::collections::BTreeMap;

/// A case on a subject in one round.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Sample {
    /// Or messages a second.
    pub(super) requests_per_second: f64,
    pub(super) p50_microseconds: f64,
    pub(super) p99_microseconds: f64,
    pub(super) p999_microseconds: f64,
    /// For each request or message, its consequences included.
    pub(super) server_cpu_microseconds: f64,
    pub(super) database_cpu_microseconds: f64,
    /// At the end of the load, in bytes.
    pub(super) memory: u64,
    /// At the end of the load.
    pub(super) undispatched_events: u64,
    /// From the end of the load until there was none.
    pub(super) catch_up_seconds: f64,
}

/// The rounds of each case on each subject.
pub(super) type Samples = BTreeMap<(Case, Subject), Vec<Sample>>;
