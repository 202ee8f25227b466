//! Sends what is due for webhooks.

mod running;
mod sending;

use super::task::{LoggedOutage, Stopped, Task};
use fasttrack_app::webhook::WebhookSender;
use fasttrack_domain::ports::webhook::LeasedWebhook;
use running::{NEW, Running};
use sending::Sending;
use std::{sync::Arc, time::Duration};
use tokio::time::{Instant, MissedTickBehavior, interval, sleep_until, timeout};

/// Maximum number of attempts at once.
#[cfg(feature = "program")]
pub(crate) const MAX_ATTEMPTS: usize = running::PLACES + sending::FURTHER_ATTEMPTS;

/// How often the queue is read without a hint, for deliveries of other processes and those that become due. A delivery is
/// first attempted within two seconds.
const PERIOD: Duration = Duration::from_millis(500);

/// How often leases are extended. A lease lasts 20 seconds.
const HEARTBEAT: Duration = Duration::from_secs(5);

/// Graceful shutdown: how long attempts may take to end before they are given up and left for another node.
const GRACE: Duration = Duration::from_secs(5);

/// Starts the task. When it has ended, this node holds no lease.
pub fn start(sender: WebhookSender) -> Task {
    Task::start("webhooks", |stopped| run(Arc::new(Sending::new(sender)), stopped))
}

// @spec SPEC-025
async fn run(sending: Arc<Sending>, mut stopped: Stopped) {
    let sender = sending.sender();
    let mut running = Running::default();
    let outage = LoggedOutage::new("lease webhooks");
    let mut heartbeat = interval(HEARTBEAT);
    heartbeat.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let (mut reads, mut may_be_more) = (true, false);
    let mut next_read = Instant::now();
    loop {
        if reads {
            let places = running.free(Instant::now());
            let mut leased = 0;
            if places.all > 0 {
                // After a failure the queue is read again after the period, as if it had been empty.
                for webhook in outage.log(sender.lease(places).await).unwrap_or_default() {
                    leased += 1;
                    if !running.renew(webhook) {
                        start_sending(&mut running, &sending, webhook);
                    }
                }
            }
            may_be_more = leased == places.all;
            let pause = if !may_be_more {
                PERIOD
            } else if running.free(Instant::now()).all == 0 {
                NEW
            } else {
                Duration::ZERO
            };
            next_read = Instant::now() + pause;
        }
        let rest = async {
            tokio::select! {
                Some(done) = running.tasks.join_next_with_id() => {
                    if let Some(webhook) = running.ended(done) {
                        start_sending(&mut running, &sending, webhook);
                    }
                    may_be_more
                }
                _ = heartbeat.tick() => {
                    outage.log(sender.extend(running.ids()).await);
                    false
                }
                () = sender.wait(), if !may_be_more => true,
                () = sleep_until(next_read) => true,
            }
        };
        match stopped.or(rest).await {
            Some(wanted) => reads = wanted,
            None => break,
        }
    }
    sending.stop();
    let ended = async {
        while let Some(done) = running.tasks.join_next_with_id().await {
            running.ended(done);
        }
    };
    if timeout(GRACE, ended).await.is_err() {
        running.tasks.shutdown().await;
    }
    if let Err(error) = sender.release_all().await {
        tracing::warn!(%error, "webhooks could not be released; they are continued after their lease");
    }
}

/// Starts to send for a webhook that no task sends for.
fn start_sending(running: &mut Running, sending: &Arc<Sending>, webhook: LeasedWebhook) {
    running.start(webhook, Instant::now(), Arc::clone(sending).send_all(webhook.id));
}
