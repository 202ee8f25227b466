//! Closes idle connections, and logs how many were refused.

use crate::background::{Stopped, Task};
use crate::http::connection::Connections;
use std::time::Duration;
use tokio::time::{MissedTickBehavior, interval};

const PERIOD: Duration = Duration::from_secs(1);

pub fn start(connections: Connections) -> Task {
    Task::start("idle", |stopped| run(connections, stopped))
}

async fn run(connections: Connections, mut stopped: Stopped) {
    let mut ticks = interval(PERIOD);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    while stopped.or(ticks.tick()).await.is_some() {
        let refused = connections.close_idle();
        if refused > 0 {
            tracing::warn!(refused, open = connections.count(), "connections were refused");
        }
    }
}
