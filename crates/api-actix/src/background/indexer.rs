//! Fills the search index with tasks that a former release wrote.

use super::task::{LoggedOutage, Stopped, Task};
use fasttrack_app::search::Search;
use std::time::Duration;
use tokio::time::{MissedTickBehavior, interval};

/// For how long a search may miss a task that a node of a former release writes during an upgrade.
const PERIOD: Duration = Duration::from_mins(1);

/// Fills it at once, and then periodically.
pub fn start(search: Search) -> Task {
    Task::start("indexer", |stopped| run(search, stopped))
}

async fn run(search: Search, mut stopped: Stopped) {
    let outage = LoggedOutage::new("fill the search index");
    let mut ticks = interval(PERIOD);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    while stopped.or(ticks.tick()).await.is_some() {
        // A transaction that is dropped is committed or rolled back.
        let Some(result) = stopped.or(search.fill()).await else { return };
        if let Some(tasks @ 1..) = outage.log(result) {
            tracing::info!(tasks, "wrote tasks into the search index");
        }
    }
}
