//! Hears what other nodes dispatched.

use super::{Background, Outage, Stopped};
use fasttrack_app::notification::catch_up::CatchUp;
use fasttrack_domain::ports::news::{Heard, NewsBoard, NewsSource};
use std::{sync::Arc, time::Duration};
use tokio::{
    sync::Notify,
    time::{sleep, timeout},
};

/// How often a node looks even if it heard nothing: between it and the database may stand something that takes a
/// request to listen and passes nothing on.
const PERIOD: Duration = Duration::from_secs(5);

/// Runs until it is stopped.
pub fn start(source: Box<dyn NewsSource>, board: Arc<dyn NewsBoard>, catch_up: CatchUp) -> Background {
    Background::start("listener", |stopped| run(source, board, catch_up, stopped))
}

async fn run(source: Box<dyn NewsSource>, board: Arc<dyn NewsBoard>, catch_up: CatchUp, mut stopped: Stopped) {
    let gap = Notify::new();
    stopped.or(async { tokio::join!(hear(source, &*board, &gap), look(catch_up, &gap)) }).await;
}

async fn hear(mut source: Box<dyn NewsSource>, board: &dyn NewsBoard, gap: &Notify) {
    loop {
        match source.next().await {
            Heard::News(news) => board.post(&news),
            Heard::Gap => gap.notify_one(),
        }
    }
}

async fn look(catch_up: CatchUp, gap: &Notify) {
    let mut outage = Outage::new("look for missed notifications");
    loop {
        // Either way it is time to look.
        let _ = timeout(PERIOD, gap.notified()).await;
        if outage.watch(catch_up.execute().await).is_none() {
            sleep(Duration::from_secs(1)).await;
            gap.notify_one();
        }
    }
}
