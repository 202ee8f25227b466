//! Wakes the open connections that wait for changes, whichever node dispatches them.

use super::task::{LoggedOutage, Stopped, Task};
use crate::realtime::Realtime;
use actix_web::web::Data;
use fasttrack_app::change::Changes;
use std::time::Duration;
use tokio::time::{MissedTickBehavior, interval};

/// A change has to be sent within a second: to dispatch its event takes a part of that, to read it another.
const PERIOD: Duration = Duration::from_millis(250);

/// Starts the task. It reads nothing while no connection waits.
pub fn start(changes: Changes, realtime: Data<Realtime>) -> Task {
    Task::start("change_watcher", |stopped| run(changes, realtime, stopped))
}

async fn run(changes: Changes, realtime: Data<Realtime>, mut stopped: Stopped) {
    let outage = LoggedOutage::new("read whose feeds of changes have gone on");
    let mut ticks = interval(PERIOD);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    while stopped.or(ticks.tick()).await.is_some() {
        if !realtime.changes().is_awaited() {
            continue;
        }
        let latest = realtime.changes().latest();
        let news = async {
            let seq = changes.head().await?;
            if seq > latest { changes.news(latest).await.map(Some) } else { Ok(None) }
        };
        let Some(news) = stopped.or(news).await else { return };
        if let Some(Some(news)) = outage.log(news) {
            realtime.changes().publish(&news);
        }
    }
}
