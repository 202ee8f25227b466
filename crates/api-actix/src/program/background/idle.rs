//! Ends connections that are not used, and tells of those that were refused.

use super::{Background, Stopped};
use crate::http::connection::Connections;
use std::time::Duration;
use tokio::time::{MissedTickBehavior, interval};

const PERIOD: Duration = Duration::from_secs(1);

/// Runs until it is stopped.
pub fn start(connections: Connections) -> Background {
    Background::start("idle", |stopped| run(connections, stopped))
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
