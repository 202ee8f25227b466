//! Periodic maintenance: deletes expired rows.

use super::task::{Stopped, Task};
use fasttrack_app::maintenance::{Maintenance, Swept};
use std::{error::Error, time::Duration};
use tokio::time::{MissedTickBehavior, interval};

/// Expired rows are never read; until they are deleted they only take space.
const PERIOD: Duration = Duration::from_mins(10);

/// Sweeps at once, and then periodically.
pub fn start(maintenance: Maintenance) -> Task {
    Task::start("sweeper", |stopped| run(maintenance, stopped))
}

async fn run(maintenance: Maintenance, mut stopped: Stopped) {
    let mut ticks = interval(PERIOD);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    while stopped.or(ticks.tick()).await.is_some() {
        // A sweep that is dropped is committed or rolled back.
        let Some(swept) = stopped.or(maintenance.sweep()).await else { return };
        match swept {
            Ok(swept) => {
                let Swept { revocations, sessions, requests, tickets, resets, .. } = swept;
                let Swept { verifications, invitations, attempts, notifications, dead_jobs, .. } = swept;
                let Swept { notices, audit_lines, api_tokens, deliveries, changes, .. } = swept;
                tracing::debug!(
                    revocations,
                    sessions,
                    requests,
                    tickets,
                    resets,
                    verifications,
                    invitations,
                    attempts,
                    notifications,
                    dead_jobs,
                    notices,
                    audit_lines,
                    api_tokens,
                    deliveries,
                    changes,
                    "deleted expired rows"
                );
            }
            Err(error) => {
                tracing::warn!(error = &error as &dyn Error, "can't delete expired rows; retrying later");
            }
        }
    }
}
