//! Metrics of the outbox, the job queue and the webhooks.

use crate::background::{LoggedOutage, Stopped, Task};
use fasttrack_app::maintenance::Maintenance;
use metrics::{Gauge, gauge};
use std::time::Duration;
use tokio::time::{MissedTickBehavior, interval};

/// The time between two measurements: less than between two scrapes, usually.
const PERIOD: Duration = Duration::from_secs(5);

/// Measures at once, and then periodically.
pub fn start(maintenance: Maintenance) -> Task {
    Task::start("sampler", |stopped| run(maintenance, Shown::new(), stopped))
}

async fn run(maintenance: Maintenance, shown: Shown, mut stopped: Stopped) {
    let outage = LoggedOutage::new("measure the backlog");
    let mut ticks = interval(PERIOD);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    while stopped.or(ticks.tick()).await.is_some() {
        let Some(measured) = stopped.or(maintenance.backlog()).await else { return };
        if let Some((backlog, at)) = outage.log(measured) {
            shown.events.set(backlog.events);
            shown.events_set_aside.set(backlog.events_set_aside);
            shown.event_age.set(backlog.event_age);
            shown.jobs_queued.set(backlog.jobs_queued);
            shown.jobs_running.set(backlog.jobs_running);
            shown.jobs_dead.set(backlog.jobs_dead);
            shown.job_delay.set(backlog.job_delay);
            shown.webhooks_waiting.set(backlog.webhooks_waiting);
            shown.webhooks_failing.set(backlog.webhooks_failing);
            #[expect(clippy::cast_precision_loss, reason = "seconds since 1970 are exact")]
            shown.measured_at.set(at.timestamp() as f64);
        }
    }
}

struct Shown {
    events: Gauge,
    events_set_aside: Gauge,
    event_age: Gauge,
    jobs_queued: Gauge,
    jobs_running: Gauge,
    jobs_dead: Gauge,
    job_delay: Gauge,
    webhooks_waiting: Gauge,
    webhooks_failing: Gauge,
    measured_at: Gauge,
}

impl Shown {
    fn new() -> Self {
        let events = |state| {
            gauge!(
                description: "Events in the outbox of the whole installation; at most 10,000 are counted.",
                "fasttrack_outbox_events",
                "state" => state
            )
        };
        let jobs = |state| {
            gauge!(
                description: "Jobs in the queue of the whole installation; at most 10,000 are counted.",
                "fasttrack_jobs",
                "state" => state
            )
        };
        Self {
            events: events("waiting"),
            events_set_aside: events("set_aside"),
            event_age: gauge!(
                description: "How long ago the event happened that waits longest to be dispatched.",
                "fasttrack_outbox_oldest_event_age_seconds"
            ),
            jobs_queued: jobs("queued"),
            jobs_running: jobs("running"),
            jobs_dead: jobs("dead"),
            job_delay: gauge!(
                description: "For how long the job could have been begun that waits longest.",
                "fasttrack_jobs_oldest_due_age_seconds"
            ),
            webhooks_waiting: gauge!(
                description: "Deliveries of webhooks whose time has come; at most 10,000 are counted.",
                "fasttrack_webhook_waiting"
            ),
            webhooks_failing: gauge!(
                description: "Active webhooks whose last attempt failed; at most 10,000 are counted.",
                "fasttrack_webhook_failing"
            ),
            measured_at: gauge!(
                description: "When events, jobs and webhooks were counted last, since 1970.",
                "fasttrack_backlog_measured_timestamp_seconds"
            ),
        }
    }
}
