//! Dispatches events as soon as they are committed.

use super::{Background, Outage, Stopped};
use fasttrack_app::event::Events;
use metrics::counter;
use std::time::Duration;
use tokio::time::{sleep, timeout};

/// How long an event waits whose node died before it could dispatch it, and the time between two tries while storage
/// can't be used.
const PERIOD: Duration = Duration::from_secs(1);

/// Runs until it is stopped; what was committed until then is dispatched.
pub fn start(events: Events) -> Background {
    Background::start("dispatcher", |stopped| run(events, stopped))
}

async fn run(events: Events, mut stopped: Stopped) {
    let dispatched = counter!(
        description: "Events that this node has dispatched.",
        "fasttrack_outbox_dispatched_events_total"
    );
    let mut outage = Outage::new("dispatch events");
    loop {
        let rest = async {
            match outage.watch(events.dispatch().await) {
                Some(count) => {
                    dispatched.increment(count as u64);
                    drop(timeout(PERIOD, events.wait()).await);
                }
                None => sleep(PERIOD).await,
            }
        };
        if stopped.or(rest).await.is_none() {
            break;
        }
    }
    outage.watch(events.dispatch().await);
}
