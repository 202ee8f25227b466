//! Dispatches events as soon as they are committed.

use super::task::{LoggedOutage, Stopped, Task};
use fasttrack_app::event::Events;
use metrics::counter;
use std::time::Duration;
use tokio::time::{sleep, timeout};

/// How often the outbox is read without a hint, for events of a node that crashed; and the pause between retries.
const PERIOD: Duration = Duration::from_secs(1);

/// Starts the task. Before it ends, it dispatches the events that were committed until then.
pub fn start(events: Events) -> Task {
    Task::start("dispatcher", |stopped| run(events, stopped))
}

async fn run(events: Events, mut stopped: Stopped) {
    let dispatched = counter!(
        description: "Events that this node has dispatched.",
        "fasttrack_outbox_dispatched_events_total"
    );
    let outage = LoggedOutage::new("dispatch events");
    loop {
        let rest = async {
            match outage.log(events.dispatch().await) {
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
    outage.log(events.dispatch().await);
}
