//! Receives from other nodes which notifications are new.

use super::task::{LoggedOutage, Stopped, Task};
use fasttrack_app::notification::Notifications;
use fasttrack_domain::ports::notification_bus::{BusMessage, NotificationBus, NotificationListener};
use std::time::Duration;
use tokio::{
    sync::Notify,
    time::{sleep, timeout},
};

/// How often the table is read without a hint: a connection pooler may accept `LISTEN` and pass nothing on.
const PERIOD: Duration = Duration::from_secs(5);

pub fn start(source: Box<dyn NotificationListener>, notifications: Notifications) -> Task {
    Task::start("listener", |stopped| run(source, notifications, stopped))
}

async fn run(source: Box<dyn NotificationListener>, notifications: Notifications, mut stopped: Stopped) {
    let gap = Notify::new();
    stopped
        .or(async { tokio::join!(receive(source, &*notifications.bus, &gap), catch_up(&notifications, &gap)) })
        .await;
}

async fn receive(mut source: Box<dyn NotificationListener>, bus: &dyn NotificationBus, gap: &Notify) {
    loop {
        match source.next().await {
            BusMessage::Heads(news) => bus.publish(&news),
            BusMessage::Gap => gap.notify_one(),
        }
    }
}

async fn catch_up(notifications: &Notifications, gap: &Notify) {
    let outage = LoggedOutage::new("read missed notifications");
    loop {
        // The table is read after a gap, and after the period.
        let _ = timeout(PERIOD, gap.notified()).await;
        if outage.log(notifications.catch_up().await).is_none() {
            sleep(Duration::from_secs(1)).await;
            gap.notify_one();
        }
    }
}
