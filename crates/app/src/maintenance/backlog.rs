use super::Maintenance;
use crate::Error;
use fasttrack_domain::Timestamp;
use std::time::Duration;

/// Maximum of rows of each kind that are counted: reading so many takes milliseconds.
pub const COUNTED: u32 = 10_000;

/// The background work that is waiting or running.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Backlog {
    /// The number of events to be dispatched. Like every count here, it is [`COUNTED`] at most.
    pub events: u32,
    /// The number of events that could not be decoded.
    pub events_set_aside: u32,
    /// Age of the oldest event to be dispatched; zero without one.
    pub event_age: Duration,
    /// The number of jobs that are not due, or wait for a worker.
    pub jobs_queued: u32,
    pub jobs_running: u32,
    pub jobs_dead: u32,
    /// How long the longest-waiting due job has been due; zero without one.
    pub job_delay: Duration,
    /// The number of deliveries to webhooks whose time has come.
    pub webhooks_waiting: u32,
    /// The number of webhooks whose last attempt failed.
    pub webhooks_failing: u32,
}

impl Maintenance {
    // @spec SPEC-016
    /// Counts the waiting work. Returns also the time of the measurement.
    pub async fn backlog(&self) -> Result<(Backlog, Timestamp), Error> {
        let now = self.clock.now();
        let events = self.outbox.backlog(COUNTED).await?;
        let jobs = self.jobs.count(now, COUNTED).await?;
        let webhooks = self.webhooks.counts(now, COUNTED).await?;
        // Another node's clock may be ahead.
        let since = |moment: Option<Timestamp>| moment.and_then(|then| (now - then).to_std().ok()).unwrap_or_default();
        let backlog = Backlog {
            events: events.waiting,
            events_set_aside: events.set_aside,
            event_age: since(events.waiting_since),
            jobs_queued: jobs.queued,
            jobs_running: jobs.running,
            jobs_dead: jobs.dead,
            job_delay: since(jobs.due_since),
            webhooks_waiting: webhooks.waiting,
            webhooks_failing: webhooks.failing,
        };
        Ok((backlog, now))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixtures::{at, now, run, unavailable};
    use fasttrack_domain::ports::{
        job::{JobCounts, MockJobQueue},
        outbox::{self, MockOutbox},
        webhook::{MockWebhookRepository, WebhookCounts},
    };
    use std::sync::Arc;

    fn measured(waiting_since: Option<Timestamp>, due_since: Option<Timestamp>) -> Backlog {
        let (mut outbox, mut jobs) = (MockOutbox::new(), MockJobQueue::new());
        let backlog = outbox::Backlog { waiting: 1, waiting_since, set_aside: 2 };
        outbox.expect_backlog().times(1).withf(|limit| *limit == COUNTED).return_once(move |_| Ok(backlog));
        let tally = JobCounts { queued: 3, running: 4, dead: 5, due_since };
        jobs.expect_count()
            .times(1)
            .withf(|at, limit| *at == now() && *limit == COUNTED)
            .return_once(move |_, _| Ok(tally));
        let mut webhooks = MockWebhookRepository::new();
        webhooks
            .expect_counts()
            .times(1)
            .withf(|at, limit| *at == now() && *limit == COUNTED)
            .return_once(|_, _| Ok(WebhookCounts { waiting: 6, failing: 7 }));
        let (outbox, jobs, webhooks) = (Arc::new(outbox), Arc::new(jobs), Arc::new(webhooks));
        let maintenance = Maintenance { outbox, jobs, webhooks, ..Maintenance::mocked() };
        let (backlog, measured_at) = run(maintenance.backlog()).unwrap();
        assert_eq!(measured_at, now());
        backlog
    }

    #[test]
    fn what_waits_is_counted_and_its_age_is_told() {
        let expected = Backlog {
            events: 1,
            events_set_aside: 2,
            event_age: Duration::from_secs(7),
            jobs_queued: 3,
            jobs_running: 4,
            jobs_dead: 5,
            job_delay: Duration::from_mins(1),
            webhooks_waiting: 6,
            webhooks_failing: 7,
        };
        assert_eq!(measured(Some(at(993)), Some(at(940))), expected);
    }

    #[test]
    fn what_does_not_wait_or_seems_to_come_yet_has_no_age() {
        for moment in [None, Some(at(1005))] {
            let backlog = measured(moment, moment);
            assert_eq!((backlog.event_age, backlog.job_delay), (Duration::ZERO, Duration::ZERO));
        }
    }

    #[test]
    fn storage_that_can_not_be_asked_is_no_empty_backlog() {
        let mut outbox = MockOutbox::new();
        outbox.expect_backlog().times(1).return_once(|_| Err(unavailable()));
        let measure =
            Maintenance { outbox: Arc::new(outbox), jobs: Arc::new(MockJobQueue::new()), ..Maintenance::mocked() };
        assert!(matches!(run(measure.backlog()), Err(Error::Unavailable { .. })));
    }
}
