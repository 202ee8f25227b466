//! Ends open connections whose token is no longer valid.

use super::task::{Stopped, Task};
use crate::{api::Api, realtime::Realtime};
use actix_web::web::Data;
use std::time::Duration;
use tokio::time::{MissedTickBehavior, interval};

/// A revocation has to take effect within a second: to read it takes up to a quarter of that, to close a connection more
/// than half.
const PERIOD: Duration = Duration::from_millis(100);

pub fn start(api: Data<Api>, realtime: Data<Realtime>) -> Task {
    Task::start("guard", |stopped| run(api, realtime, stopped))
}

async fn run(api: Data<Api>, realtime: Data<Realtime>, mut stopped: Stopped) {
    let mut ticks = interval(PERIOD);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    while stopped.or(ticks.tick()).await.is_some() {
        realtime.close_unauthorized(&*api.verifier, &*api.clock).await;
    }
}
