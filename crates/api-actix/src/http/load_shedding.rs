//! Load shedding: while more requests arrive than can be served, a part is refused at once with 503, so that the rest
//! is served about as fast as usual.
//!
//! A worker's tasks run one after the other: a request waits for all tasks that became ready before it. The wait is
//! measured by a probe, a timer whose task waits in the same queue and therefore fires late by the wait.
//!
//! As in `CoDel` (RFC 8289), only a standing queue counts as overload: a burst is served, and shedding begins when the
//! wait has been above a target for a whole interval. From then on all requests that would wait are refused, until none
//! was refused for an interval.

use super::{
    error::ApiError,
    metrics::{Refusal, refused},
};
use actix_web::{HttpMessage, dev::ServiceRequest, rt};
use futures_util::StreamExt;
use std::{
    cell::{Cell, RefCell},
    rc::Rc,
    time::{Duration, Instant},
};
use tokio::time::{sleep_until, timeout};

/// The interval in targets. RFC 8289 section 4.3 recommends 10 to 20; but this queue grows during the interval, and all
/// of it has to be served or refused afterwards.
const TARGETS_PER_INTERVAL: u32 = 5;

/// While load is shed, the target is divided by this.
const WHILE_SHEDDING: u32 = 5;

/// The target divided by this is the time between two probes.
const PROBES_PER_TARGET: u32 = 10;

/// How long the body of a refused request is read. A connection with an unread body is closed, and opening another
/// would cost more than reading a small body.
const DISCARD: Duration = Duration::from_millis(100);

/// Refuses the request if the worker is overloaded. Runs before anything else is done for it. Health checks are always
/// served.
pub async fn admit(request: &mut ServiceRequest) -> Result<(), ApiError> {
    match request.app_data::<LoadShedder>() {
        Some(shedder) if !request.match_info().unprocessed().starts_with("/health/") && !shedder.admits() => {}
        _ => return Ok(()),
    }
    refused(Refusal::Overload);
    let mut body = request.take_payload();
    timeout(DISCARD, async { while let Some(Ok(_)) = body.next().await {} }).await.ok();
    Err(ApiError::overloaded())
}

/// The load shedder of one worker.
#[derive(Debug)]
pub struct LoadShedder {
    is_off: bool,
    controller: RefCell<Controller>,
    probe: Rc<Probe>,
    refused: Cell<u64>,
}

impl LoadShedder {
    /// `target` is the longest acceptable wait; zero turns load shedding off.
    pub fn new(target: Duration) -> Self {
        Self {
            is_off: target.is_zero(),
            controller: RefCell::new(Controller::new(target)),
            probe: Rc::new(Probe::new(target / PROBES_PER_TARGET)),
            refused: Cell::new(0),
        }
    }

    fn admits(&self) -> bool {
        if self.is_off {
            return true;
        }
        let now = Instant::now();
        let wait = self.probe.wait(now);
        let mut controller = self.controller.borrow_mut();
        let admitted = controller.admits(wait, now);
        let refused = self.refused.get();
        if !admitted {
            if refused == 0 {
                tracing::warn!(wait_ms = wait.as_millis(), "overloaded: a part of the requests is refused");
            }
            self.refused.set(refused + 1);
        } else if refused > 0 && !controller.is_shedding(now) {
            tracing::info!(refused, "no longer overloaded");
            self.refused.set(0);
        }
        admitted
    }
}

/// Measures how long a ready task waits. Runs only while there are requests.
#[derive(Debug)]
struct Probe {
    period: Duration,
    /// When the latest probe is due.
    due: Cell<Instant>,
    /// Whether the latest probe has not run yet.
    is_pending: Cell<bool>,
    /// How late the previous probe ran.
    lateness: Cell<Duration>,
}

impl Probe {
    fn new(period: Duration) -> Self {
        let due = Cell::new(Instant::now());
        Self { period, due, is_pending: Cell::new(false), lateness: Cell::new(Duration::ZERO) }
    }

    /// Returns the current wait. A probe that is overdue counts before it has run.
    fn wait(self: &Rc<Self>, now: Instant) -> Duration {
        if self.is_pending.get() {
            return self.lateness.get().max(now.saturating_duration_since(self.due.get()));
        }
        // There were no requests for a while, so none waits.
        if now.saturating_duration_since(self.due.get() + self.lateness.get()) > self.period {
            self.lateness.set(Duration::ZERO);
        }
        self.send(now);
        self.lateness.get()
    }

    fn send(self: &Rc<Self>, now: Instant) {
        let due = now + self.period;
        self.due.set(due);
        self.is_pending.set(true);
        let probe = Rc::clone(self);
        rt::spawn(async move {
            sleep_until(due.into()).await;
            probe.lateness.set(due.elapsed());
            probe.is_pending.set(false);
        });
    }
}

/// Decides by the wait and the time alone.
#[derive(Debug)]
struct Controller {
    target: Duration,
    /// Since when the wait is at or above the target.
    standing_since: Option<Instant>,
    last_refusal: Option<Instant>,
}

impl Controller {
    const fn new(target: Duration) -> Self {
        Self { target, standing_since: None, last_refusal: None }
    }

    fn interval(&self) -> Duration {
        self.target * TARGETS_PER_INTERVAL
    }

    /// Whether to serve a request at the current wait.
    fn admits(&mut self, wait: Duration, now: Instant) -> bool {
        self.standing_since = (wait >= self.target).then(|| self.standing_since.unwrap_or(now));
        let stands = self.standing_since.is_some_and(|since| now - since >= self.interval());
        let refused = (stands || self.is_shedding(now)) && wait >= self.target / WHILE_SHEDDING;
        if refused {
            self.last_refusal = Some(now);
        }
        !refused
    }

    /// Whether a request was refused within the last interval.
    fn is_shedding(&self, now: Instant) -> bool {
        self.last_refusal.is_some_and(|last| now - last < self.interval())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use actix_web::rt::time::sleep;

    const TARGET: Duration = Duration::from_millis(200);
    const INTERVAL: Duration = Duration::from_secs(1);
    const STEP: Duration = Duration::from_millis(1);
    /// A step below the target; [`SHORTER`] is a step below the target that applies while load is shed.
    const SHORT: Duration = Duration::from_millis(199);
    const SHORTER: Duration = Duration::from_millis(39);

    /// A controller, and a clock that advances by a step with each request.
    struct Worker {
        controller: Controller,
        now: Instant,
    }

    impl Worker {
        fn new() -> Self {
            Self { controller: Controller::new(TARGET), now: Instant::now() }
        }

        /// Returns how many of the requests within `time` are refused, if the wait is `wait` for each.
        fn refuses(&mut self, wait: Duration, time: Duration) -> u32 {
            let end = self.now + time;
            let mut refused = 0;
            while self.now < end {
                refused += u32::from(!self.controller.admits(wait, self.now));
                self.now += STEP;
            }
            refused
        }
    }

    #[test]
    fn a_short_wait_refuses_nobody_however_long_it_lasts() {
        let mut worker = Worker::new();
        assert_eq!(worker.refuses(SHORT, 100 * INTERVAL), 0);
    }

    #[test]
    fn a_burst_served_within_the_interval_refuses_nobody() {
        let mut worker = Worker::new();
        for _ in 0..100 {
            assert_eq!(worker.refuses(20 * TARGET, INTERVAL), 0);
            assert_eq!(worker.refuses(SHORT, STEP), 0);
        }
    }

    #[test]
    fn a_wait_that_stands_refuses_everybody_until_it_is_short() {
        let mut worker = Worker::new();
        assert_eq!(worker.refuses(TARGET, INTERVAL), 0);
        assert_eq!(worker.refuses(TARGET, 100 * STEP), 100);
        assert_eq!(worker.refuses(TARGET / WHILE_SHEDDING, 100 * STEP), 100);
        assert_eq!(worker.refuses(SHORTER, 100 * STEP), 0);
        // No second interval has to pass.
        assert_eq!(worker.refuses(TARGET / WHILE_SHEDDING, STEP), 1);
    }

    #[test]
    fn an_interval_without_refusals_ends_it() {
        let mut worker = Worker::new();
        worker.refuses(TARGET, INTERVAL + STEP);
        assert_eq!(worker.refuses(Duration::ZERO, INTERVAL), 0);
        assert_eq!(worker.refuses(TARGET, INTERVAL), 0);
        assert_eq!(worker.refuses(TARGET, STEP), 1);
    }

    #[test]
    fn a_process_that_was_stopped_for_long_refuses_nobody() {
        let mut worker = Worker::new();
        worker.refuses(Duration::ZERO, INTERVAL);
        worker.now += 100 * INTERVAL;
        assert_eq!(worker.refuses(100 * INTERVAL, 10 * STEP), 0);
        assert_eq!(worker.refuses(Duration::ZERO, INTERVAL), 0);
    }

    #[actix_web::test]
    async fn a_probe_is_as_late_as_the_worker_is_busy() {
        let probe = Rc::new(Probe::new(STEP));
        let begin = Instant::now();
        assert_eq!(probe.wait(begin), Duration::ZERO);
        // Overdue, with no turn yet.
        assert!(probe.is_pending.get() && probe.wait(begin + TARGET) == SHORT);
        while begin.elapsed() < TARGET {
            std::hint::spin_loop();
        }
        while probe.is_pending.get() {
            sleep(STEP).await;
        }
        let lateness = probe.lateness.get();
        assert!(lateness >= SHORT.saturating_sub(STEP), "{lateness:?}");
        assert_eq!(probe.wait(probe.due.get() + lateness), lateness);
    }

    #[actix_web::test]
    async fn what_a_probe_found_is_forgotten_when_nobody_comes() {
        let probe = Rc::new(Probe::new(STEP));
        probe.lateness.set(INTERVAL);
        assert_eq!(probe.wait(probe.due.get() + INTERVAL + 2 * STEP), Duration::ZERO);
    }

    #[actix_web::test]
    async fn without_a_target_everything_is_let_in() {
        let shedder = LoadShedder::new(Duration::ZERO);
        shedder.probe.lateness.set(INTERVAL);
        assert!(shedder.admits() && !shedder.probe.is_pending.get());
    }
}
