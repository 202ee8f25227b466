//! Forgets now and then what has expired.

use super::{Background, Stopped};
use fasttrack_app::maintenance::{Maintenance, Swept};
use std::{error::Error, time::Duration};
use tokio::time::{MissedTickBehavior, interval};

/// What has expired is never asked for; it only takes up room until then.
const PERIOD: Duration = Duration::from_mins(10);

/// Sweeps at once and every ten minutes, until it is stopped.
pub fn start(maintenance: Maintenance) -> Background {
    Background::start("sweeper", |stopped| run(maintenance, stopped))
}

async fn run(maintenance: Maintenance, mut stopped: Stopped) {
    let mut ticks = interval(PERIOD);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    while stopped.or(ticks.tick()).await.is_some() {
        // A sweep that runs is committed or undone.
        let Some(swept) = stopped.or(maintenance.sweep()).await else { return };
        match swept {
            Ok(swept) => {
                let Swept { revocations, sessions, requests, tickets, resets, .. } = swept;
                let Swept { verifications, attempts, notifications, dead_jobs, notices, audit_lines, .. } = swept;
                tracing::debug!(
                    revocations,
                    sessions,
                    requests,
                    tickets,
                    resets,
                    verifications,
                    attempts,
                    notifications,
                    dead_jobs,
                    notices,
                    audit_lines,
                    "deleted what has expired"
                );
            }
            Err(error) => {
                tracing::warn!(error = &error as &dyn Error, "can't forget what has expired; trying again later");
            }
        }
    }
}
