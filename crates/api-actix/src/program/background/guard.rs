//! Ends open connections whose token is no longer good.

use super::{Background, Stopped};
use crate::{api::Api, realtime::Realtime};
use actix_web::web::Data;
use std::time::Duration;
use tokio::time::{MissedTickBehavior, interval};

/// A second is allowed; hearing of a revocation takes up to a quarter of it, and ending a connection more than half.
const PERIOD: Duration = Duration::from_millis(100);

/// Runs until it is stopped.
pub fn start(api: Data<Api>, realtime: Data<Realtime>) -> Background {
    Background::start("guard", |stopped| run(api, realtime, stopped))
}

async fn run(api: Data<Api>, realtime: Data<Realtime>, mut stopped: Stopped) {
    let mut ticks = interval(PERIOD);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    while stopped.or(ticks.tick()).await.is_some() {
        realtime.close_unauthorized(&*api.verifier, &*api.clock).await;
    }
}
