//! Gives reminders when their time has come.

use super::task::{LoggedOutage, Stopped, Task};
use fasttrack_app::reminder::Reminders;
use metrics::counter;
use std::time::Duration;
use tokio::time::{MissedTickBehavior, interval};

/// A reminder has to be with its recipient within two seconds.
const PERIOD: Duration = Duration::from_secs(1);

/// Gives at once what became due while no node ran, and then periodically.
pub fn start(reminders: Reminders) -> Task {
    Task::start("reminders", |stopped| run(reminders, stopped))
}

async fn run(reminders: Reminders, mut stopped: Stopped) {
    let given = counter!(description: "Reminders that this node has given.", "fasttrack_reminders_given_total");
    let outage = LoggedOutage::new("give reminders");
    let mut ticks = interval(PERIOD);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    while stopped.or(ticks.tick()).await.is_some() {
        // A transaction that is dropped is committed or rolled back.
        let Some(result) = stopped.or(reminders.give()).await else { return };
        if let Some(count) = outage.log(result) {
            given.increment(count);
        }
    }
}
