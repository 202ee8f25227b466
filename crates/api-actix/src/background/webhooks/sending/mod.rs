//! Sends for one webhook.

use crate::background::task::LoggedOutage;
use fasttrack_app::webhook::{DeliveryAttempted, WebhookSender};
use fasttrack_domain::{
    id::{DeliveryId, WebhookId},
    webhook::DueDelivery,
};
use metrics::{Counter, counter};
use std::{
    collections::HashMap,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};
use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore},
    task::{Id, JoinError, JoinSet},
    time::{Instant, sleep},
};

/// Attempts at once beyond the first of each webhook. They are bounded as each takes a connection and its memory.
pub(super) const FURTHER_ATTEMPTS: usize = 256;

/// How often the queue is read for further deliveries while a receiver has not answered.
const PERIOD: Duration = Duration::from_secs(1);

/// For how long attempts are begun for a webhook until it is released, so that its place is another's. One for which
/// something is always due would keep the place for ever.
const TURN: Duration = Duration::from_secs(5);

/// The result of an attempt that could not be stored.
const LOST: &str = "lost";

/// What the senders of all webhooks share.
pub(super) struct Sending {
    sender: WebhookSender,
    further: Arc<Semaphore>,
    outage: LoggedOutage,
    is_stopping: AtomicBool,
}

impl Sending {
    pub fn new(sender: WebhookSender) -> Self {
        // A counter that begins at zero shows its first increase.
        DeliveryAttempted::ALL.into_iter().map(DeliveryAttempted::as_str).chain([LOST]).for_each(|result| {
            attempts(result).increment(0);
        });
        let further = Arc::new(Semaphore::new(FURTHER_ATTEMPTS));
        let outage = LoggedOutage::new("read or release the deliveries of a webhook");
        Self { sender, further, outage, is_stopping: AtomicBool::new(false) }
    }

    pub fn sender(&self) -> &WebhookSender {
        &self.sender
    }

    /// Ends each [`send_all`](Self::send_all) with the attempts that it has begun.
    pub fn stop(&self) {
        self.is_stopping.store(true, Ordering::Relaxed);
    }

    /// Sends what is due for a leased webhook until nothing is or its turn of 5 seconds is over, and releases it as soon as
    /// all attempts have ended.
    ///
    /// After an error, whose text is returned, it is still leased: an attempt whose result could not be stored must not be
    /// repeated at once.
    pub async fn send_all(self: Arc<Self>, webhook: WebhookId) -> Result<(), String> {
        let (mut attempts, mut failure) = (Attempts::default(), None);
        let turn_end = Instant::now() + TURN;
        loop {
            if failure.is_some() || self.is_stopping.load(Ordering::Relaxed) {
                if attempts.are_none() {
                    return failure.map_or(Ok(()), Err);
                }
            } else if let Some(due) = self.due(webhook, &attempts.ids(), turn_end).await {
                let is_done = due.is_empty() && attempts.are_none();
                if is_done && self.outage.log(self.sender.release(webhook).await).is_some() {
                    return Ok(());
                }
                self.begin(due, &mut attempts);
            }
            tokio::select! {
                Some(done) = attempts.tasks.join_next_with_id() => {
                    failure = failure.or(attempts.ended(done));
                }
                () = sleep(PERIOD) => {}
            }
        }
    }

    /// Returns the deliveries to attempt now: none when the turn is over, `None` if they can't be read.
    async fn due(&self, webhook: WebhookId, in_flight: &[DeliveryId], turn_end: Instant) -> Option<Vec<DueDelivery>> {
        if Instant::now() >= turn_end {
            return Some(Vec::new());
        }
        self.outage.log(self.sender.due(webhook, in_flight).await)
    }

    /// Begins as many attempts as there are connections for.
    fn begin(self: &Arc<Self>, due: Vec<DueDelivery>, attempts: &mut Attempts) {
        for delivery in due {
            let permit = if attempts.are_none() {
                None
            } else {
                let Ok(permit) = Arc::clone(&self.further).try_acquire_owned() else { break };
                Some(permit)
            };
            attempts.start(delivery.id, Arc::clone(self).attempt(delivery, permit));
        }
    }

    async fn attempt(
        self: Arc<Self>,
        delivery: DueDelivery,
        permit: Option<OwnedSemaphorePermit>,
    ) -> Result<(), String> {
        let attempted = self.sender.attempt(delivery).await;
        drop(permit);
        attempts(attempted.as_ref().map_or(LOST, |result| result.as_str())).increment(1);
        attempted.map(drop).map_err(|error| error.to_string())
    }
}

/// Returns the counter of attempts with a result: [`DeliveryAttempted`], or `lost` if it could not be stored.
fn attempts(result: &'static str) -> Counter {
    counter!(
        description: "Attempts to send to webhooks, by result.",
        "fasttrack_webhook_attempts_total",
        "result" => result
    )
}

/// The attempts of a webhook that have not ended.
#[derive(Default)]
struct Attempts {
    tasks: JoinSet<Result<(), String>>,
    deliveries: HashMap<Id, DeliveryId>,
}

impl Attempts {
    fn start(&mut self, id: DeliveryId, attempt: impl Future<Output = Result<(), String>> + Send + 'static) {
        self.deliveries.insert(self.tasks.spawn(attempt).id(), id);
    }

    fn ids(&self) -> Vec<DeliveryId> {
        self.deliveries.values().copied().collect()
    }

    fn are_none(&self) -> bool {
        self.deliveries.is_empty()
    }

    /// Returns why the result of an attempt could not be stored.
    fn ended(&mut self, done: Result<(Id, Result<(), String>), JoinError>) -> Option<String> {
        let (task, failure) = match done {
            Ok((task, result)) => (task, result.err()),
            Err(error) => (error.id(), Some(error.to_string())),
        };
        self.deliveries.remove(&task);
        failure
    }
}

#[cfg(test)]
mod tests;
