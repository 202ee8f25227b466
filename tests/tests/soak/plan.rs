//! What happens when.

use std::time::Duration;

/// The load of a run that is long enough to judge the memory of a process, and of a shorter one.
const ACTORS: usize = 16;
const FEW_ACTORS: usize = 4;
const LONG: Duration = Duration::from_mins(5);

/// How many requests a short run may have answered with 503: it shares its machine, which may stand still for longer than a
/// server waits for its database.
const UNAVAILABLE: u64 = 20;

/// How often sessions begin or are refreshed at most. Their rows are kept for a day, so that a run that is shorter must not
/// fill tables with them.
const SESSION_ACTS: f64 = 2000.0;

/// What is done to the server, beside the load.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Event {
    Backup,
    /// `kill -9`, and a start.
    Kill,
    /// SIGTERM, and a start.
    Restart,
    /// The same, and from then on tokens are signed with a new key for this algorithm.
    NewKey(&'static str),
}

/// The events, by the part of the run that has passed. Two lives of the server are long, so that the memory of a process
/// has time to grow. The short ones have expired rows deleted, as each start does.
const EVENTS: [(f64, Event); 13] = [
    (0.06, Event::Backup),
    (0.10, Event::Kill),
    (0.18, Event::Backup),
    (0.20, Event::NewKey("ES256")),
    (0.31, Event::Backup),
    (0.44, Event::Backup),
    (0.56, Event::Backup),
    (0.60, Event::NewKey("EdDSA")),
    (0.69, Event::Backup),
    (0.80, Event::Kill),
    (0.82, Event::Backup),
    (0.90, Event::Restart),
    (0.95, Event::Backup),
];

#[derive(Clone, Copy, Debug)]
pub(super) struct Plan {
    pub(super) duration: Duration,
    /// Between two samples.
    pub(super) interval: Duration,
    /// How many users send requests, each one after the other.
    pub(super) actors: usize,
    /// The mean time between two requests of an actor.
    pub(super) pause: Duration,
    /// How long the server keeps notifications, audit lines and tombstones.
    pub(super) retention: Duration,
}

impl Plan {
    pub(super) fn new(duration: Duration) -> Self {
        Self {
            duration,
            interval: (duration / 360).clamp(Duration::from_millis(500), Duration::from_mins(1)),
            actors: if duration < LONG { FEW_ACTORS } else { ACTORS },
            pause: Duration::from_millis(100),
            retention: (duration / 30).clamp(Duration::from_secs(1), Duration::from_mins(10)),
        }
    }

    /// How many answers of 503 are no failure. None in a long run, which has its machine alone.
    pub(super) fn unavailable(&self) -> u64 {
        if self.duration < LONG { UNAVAILABLE } else { 0 }
    }

    /// The events, each with the time from the beginning.
    pub(super) fn events(&self) -> impl Iterator<Item = (Duration, Event)> {
        let duration = self.duration;
        EVENTS.into_iter().map(move |(part, event)| (duration.mul_f64(part), event))
    }

    /// How likely an act of an actor is one on its session.
    pub(super) fn session_chance(&self) -> f64 {
        let acts = self.duration.div_duration_f64(self.pause) * f64::from(u32::try_from(self.actors).unwrap());
        (SESSION_ACTS / acts).min(0.02)
    }

    /// A value of a setting in days.
    pub(super) fn retention_days(&self) -> String {
        (self.retention.as_secs_f64() / 86_400.0).to_string()
    }
}

#[test]
fn soak_samples_often_whatever_its_duration() {
    for (seconds, interval) in [(20, 500), (3600, 10_000), (86_400, 60_000)] {
        assert_eq!(Plan::new(Duration::from_secs(seconds)).interval, Duration::from_millis(interval));
    }
}

#[test]
fn long_soak_has_no_answer_of_503() {
    let unavailable = |seconds| Plan::new(Duration::from_secs(seconds)).unavailable();
    assert_eq!((unavailable(20), unavailable(600)), (UNAVAILABLE, 0));
}

#[test]
fn sessions_are_few_in_a_long_soak() {
    assert!(Plan::new(Duration::from_secs(20)).session_chance() > 0.019);
    assert!(Plan::new(Duration::from_hours(24)).session_chance() < 0.001);
}
