//! The webhooks that a node sends for at the moment.

use fasttrack_domain::{
    id::WebhookId,
    ports::webhook::{LeasedWebhook, WebhookSlots},
};
use std::{collections::HashMap, time::Duration};
use tokio::{
    task::{Id, JoinError, JoinSet},
    time::Instant,
};

/// Concurrent webhooks of a node. The HTTP client stores about 408 KiB of an answer's head at most, which it has no setting
/// for: with this and [`FURTHER_ATTEMPTS`](super::sending::FURTHER_ATTEMPTS) about 300 MiB in all.
pub(super) const PLACES: usize = 512;

/// Places that slow webhooks can't take. It is also the most that may be new here at once: leased less than [`NEW`] ago,
/// and not known as slow.
const NEW_PLACES: usize = 64;

/// For how long a webhook is new.
pub(super) const NEW: Duration = Duration::from_millis(250);

/// Webhooks for which this node holds the lease, each with the task that sends for it.
#[derive(Default)]
pub(super) struct Running {
    pub tasks: JoinSet<Result<(), String>>,
    webhooks: HashMap<Id, Leased>,
}

struct Leased {
    id: WebhookId,
    is_slow: bool,
    since: Instant,
    /// The lease that was got while its task ran.
    next: Option<LeasedWebhook>,
}

impl Running {
    pub fn start(
        &mut self,
        LeasedWebhook { id, is_slow }: LeasedWebhook,
        since: Instant,
        sending: impl Future<Output = Result<(), String>> + Send + 'static,
    ) {
        self.webhooks.insert(self.tasks.spawn(sending).id(), Leased { id, is_slow, since, next: None });
    }

    /// Stores a lease of a webhook that a task sends for already; `false` if none does. The webhook was leased again after
    /// an outage, or its task has released it and not ended yet: [`ended`](Self::ended) then returns the lease.
    pub fn renew(&mut self, leased: LeasedWebhook) -> bool {
        let Some(webhook) = self.webhooks.values_mut().find(|webhook| webhook.id == leased.id) else { return false };
        webhook.next = Some(leased);
        true
    }

    pub fn ids(&self) -> Vec<WebhookId> {
        self.webhooks.values().map(|webhook| webhook.id).collect()
    }

    /// Returns the places that are free. Slow webhooks leave some to the others, so that receivers that are known not to
    /// answer hold up no other.
    pub fn free(&self, now: Instant) -> WebhookSlots {
        let is_new = |webhook: &Leased| !webhook.is_slow && now.duration_since(webhook.since) < NEW;
        let new = self.webhooks.values().filter(|webhook| is_new(webhook)).count();
        let others = self.webhooks.len() - new;
        let all = PLACES.saturating_sub(self.webhooks.len()).min(NEW_PLACES.saturating_sub(new));
        let slow = (PLACES - NEW_PLACES).saturating_sub(others).min(all);
        let places = |count| u32::try_from(count).unwrap_or(u32::MAX);
        WebhookSlots { all: places(all), slow: places(slow) }
    }

    /// Removes a task that has ended. Returns its webhook if it was leased again meanwhile and may be sent for at once.
    pub fn ended(&mut self, done: Result<(Id, Result<(), String>), JoinError>) -> Option<LeasedWebhook> {
        let (task, error) = match done {
            Ok((task, result)) => (task, result.err()),
            Err(error) => (error.id(), Some(error.to_string())),
        };
        let Leased { id, next, .. } = self.webhooks.remove(&task)?;
        if let Some(error) = error {
            tracing::warn!(webhook = %id, error, "sending was interrupted; it goes on after the webhook's lease");
            return None;
        }
        next
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::future::pending;

    fn start(running: &mut Running, count: usize, is_slow: bool, since: Instant) {
        for _ in 0..count {
            running.start(LeasedWebhook { id: WebhookId::new(1), is_slow }, since, pending());
        }
    }

    #[tokio::test]
    async fn new_webhooks_have_places_beside_slow_ones() {
        let (mut running, now) = (Running::default(), Instant::now());
        assert_eq!(running.free(now), WebhookSlots { all: 64, slow: 64 });
        start(&mut running, 448, true, now);
        assert_eq!(running.free(now), WebhookSlots { all: 64, slow: 0 });
        start(&mut running, 50, false, now);
        assert_eq!(running.free(now), WebhookSlots { all: 14, slow: 0 });
    }

    #[tokio::test]
    async fn webhook_is_new_for_a_moment() {
        let (mut running, now) = (Running::default(), Instant::now());
        start(&mut running, 64, false, now);
        assert_eq!(running.free(now), WebhookSlots { all: 0, slow: 0 });
        assert_eq!(running.free(now + NEW), WebhookSlots { all: 64, slow: 64 });
    }

    #[tokio::test]
    async fn number_of_webhooks_is_limited() {
        let (mut running, now) = (Running::default(), Instant::now());
        start(&mut running, 500, false, now);
        assert_eq!(running.free(now + NEW), WebhookSlots { all: 12, slow: 0 });
        start(&mut running, 12, false, now);
        assert_eq!(running.free(now + NEW), WebhookSlots { all: 0, slow: 0 });
    }

    #[tokio::test]
    async fn ended_webhook_leaves_its_place() {
        let (mut running, now) = (Running::default(), Instant::now());
        running.start(LeasedWebhook { id: WebhookId::new(7), is_slow: false }, now, async { Ok(()) });
        assert_eq!(running.ids(), [WebhookId::new(7)]);
        let done = running.tasks.join_next_with_id().await.unwrap();
        assert_eq!(running.ended(done), None);
        assert_eq!((running.ids(), running.free(now).all), (vec![], 64));
    }

    #[tokio::test]
    async fn webhook_that_is_leased_again_follows_its_task() {
        let leased = |id, is_slow| LeasedWebhook { id: WebhookId::new(id), is_slow };
        for (result, next) in [(Ok(()), Some(leased(7, true))), (Err("the disk is full".to_owned()), None)] {
            let mut running = Running::default();
            running.start(leased(7, false), Instant::now(), async move { result });
            assert!(running.renew(leased(7, true)) && !running.renew(leased(8, false)));
            assert_eq!(running.ids(), [WebhookId::new(7)]);
            let done = running.tasks.join_next_with_id().await.unwrap();
            assert_eq!(running.ended(done), next);
        }
    }
}
