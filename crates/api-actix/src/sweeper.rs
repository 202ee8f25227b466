//! Forgets now and then what has expired.

use fasttrack_app::maintenance::sweep::{Sweep, Swept};
use std::{error::Error, time::Duration};
use tokio::{
    task::JoinHandle,
    time::{MissedTickBehavior, interval},
};

/// What has expired is never asked for; it only takes up room until then.
const PERIOD: Duration = Duration::from_mins(10);

/// Sweeps at once and every ten minutes, until it is stopped.
#[derive(Debug)]
pub struct Sweeper(JoinHandle<()>);

impl Sweeper {
    /// In the background.
    pub fn start(sweep: Sweep) -> Self {
        Self(tokio::spawn(async move {
            let mut ticks = interval(PERIOD);
            ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
            loop {
                ticks.tick().await;
                match sweep.execute().await {
                    Ok(Swept { revocations, sessions, requests }) => {
                        tracing::debug!(revocations, sessions, requests, "forgot what has expired");
                    }
                    Err(error) => {
                        tracing::warn!(
                            error = &error as &dyn Error,
                            "can't forget what has expired; trying again later"
                        );
                    }
                }
            }
        }))
    }

    /// Ends it. A sweep that runs is committed or undone.
    pub async fn stop(self) {
        self.0.abort();
        // It was told to end.
        let _ = self.0.await;
    }
}
