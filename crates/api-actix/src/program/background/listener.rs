//! Hears what other nodes dispatched.

use super::{Background, Outage, Stopped};
use fasttrack_app::notification::Notifications;
use fasttrack_domain::ports::news::{Heard, NewsBoard, NewsSource};
use std::time::Duration;
use tokio::{
    sync::Notify,
    time::{sleep, timeout},
};

/// How often a node looks even if it heard nothing: between it and the database may stand something that takes a
/// request to listen and passes nothing on.
const PERIOD: Duration = Duration::from_secs(5);

/// Runs until it is stopped.
pub fn start(source: Box<dyn NewsSource>, notifications: Notifications) -> Background {
    Background::start("listener", |stopped| run(source, notifications, stopped))
}

async fn run(source: Box<dyn NewsSource>, notifications: Notifications, mut stopped: Stopped) {
    let gap = Notify::new();
    stopped.or(async { tokio::join!(hear(source, &*notifications.board, &gap), look(&notifications, &gap)) }).await;
}

async fn hear(mut source: Box<dyn NewsSource>, board: &dyn NewsBoard, gap: &Notify) {
    loop {
        match source.next().await {
            Heard::News(news) => board.post(&news),
            Heard::Gap => gap.notify_one(),
        }
    }
}

async fn look(notifications: &Notifications, gap: &Notify) {
    let mut outage = Outage::new("look for missed notifications");
    loop {
        // Either way it is time to look.
        let _ = timeout(PERIOD, gap.notified()).await;
        if outage.watch(notifications.catch_up().await).is_none() {
            sleep(Duration::from_secs(1)).await;
            gap.notify_one();
        }
    }
}
