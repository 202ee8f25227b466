use super::*;
use async_trait::async_trait;
use fasttrack_app::webhook::WebhookDeliveries;
use fasttrack_domain::{
    Timestamp,
    job::WorkerId,
    ports::{
        RepositoryError,
        clock::Clock,
        webhook::{
            DeliveryEncoder, EncodeError, LeasedWebhook, Recorded, SendError, WebhookQueue, WebhookRequest,
            WebhookResponse, WebhookSlots, WebhookTransport,
        },
    },
    webhook::{Attempt, DeliveryContent, MessageId, RetrySchedule, WebhookUrl},
};
use std::sync::Mutex;
use tokio::sync::watch;

const WEBHOOK: WebhookId = WebhookId::new(1);

/// A queue with one webhook, and a receiver that answers as soon as the gate is open.
struct Fake {
    state: Mutex<State>,
    is_open: watch::Sender<bool>,
    can_record: bool,
}

#[derive(Default)]
struct State {
    due: Vec<DeliveryId>,
    sending: usize,
    most_sending: usize,
    sent: usize,
    releases: usize,
}

impl Fake {
    /// A queue in which this number of deliveries is due.
    fn new(due: i64, is_open: bool, can_record: bool) -> Arc<Self> {
        let state = State { due: (1..=due).map(DeliveryId::new).collect(), ..State::default() };
        Arc::new(Self { state: Mutex::new(state), is_open: watch::Sender::new(is_open), can_record })
    }

    fn sending(self: &Arc<Self>) -> Arc<Sending> {
        let deliveries = WebhookDeliveries {
            queue: self.clone(),
            transport: self.clone(),
            encoder: self.clone(),
            clock: self.clone(),
            retries: RetrySchedule::default(),
        };
        Arc::new(Sending::new(WebhookSender::new(deliveries, WorkerId::new("node-1".to_owned()))))
    }

    /// How many are due, were sent, were sent at once, and how often the webhook was released.
    fn figures(&self) -> [usize; 4] {
        let state = self.state.lock().unwrap();
        [state.due.len(), state.sent, state.most_sending, state.releases]
    }

    /// Waits until this number of requests has arrived.
    async fn is_sent(&self, count: usize) {
        while self.figures()[1] < count {
            tokio::task::yield_now().await;
        }
    }
}

#[async_trait]
impl WebhookQueue for Fake {
    async fn lease(
        &self,
        _: WorkerId,
        _: Timestamp,
        _: Timestamp,
        _: WebhookSlots,
    ) -> Result<Vec<LeasedWebhook>, RepositoryError> {
        Ok(Vec::new())
    }

    async fn due(
        &self,
        webhook: WebhookId,
        _: WorkerId,
        at: Timestamp,
        limit: u32,
    ) -> Result<Option<Vec<DueDelivery>>, RepositoryError> {
        let delivery = |id: &DeliveryId| DueDelivery {
            id: *id,
            webhook_id: webhook,
            url: WebhookUrl::parse("https://example.org".to_owned()).unwrap(),
            secrets: Vec::new(),
            message_id: MessageId::new(format!("msg_{id}")),
            content: DeliveryContent::Ping { webhook_id: webhook, at },
            failures: 0,
        };
        let limit = usize::try_from(limit).unwrap();
        Ok(Some(self.state.lock().unwrap().due.iter().take(limit).map(delivery).collect()))
    }

    async fn record(&self, _: WorkerId, attempt: Attempt) -> Result<Recorded, RepositoryError> {
        if !self.can_record {
            return Err(RepositoryError::Unavailable("the disk is full".into()));
        }
        self.state.lock().unwrap().due.retain(|id| *id != attempt.delivery_id);
        Ok(Recorded::Stored)
    }

    async fn extend(&self, _: Vec<WebhookId>, _: WorkerId, _: Timestamp) -> Result<(), RepositoryError> {
        Ok(())
    }

    async fn release(&self, _: WebhookId, _: WorkerId, _: Timestamp) -> Result<bool, RepositoryError> {
        self.state.lock().unwrap().releases += 1;
        Ok(true)
    }

    async fn release_all(&self, _: WorkerId, _: Timestamp) -> Result<u64, RepositoryError> {
        Ok(0)
    }

    async fn wait(&self) {}
}

#[async_trait]
impl WebhookTransport for Fake {
    async fn send(&self, _: WebhookRequest) -> Result<WebhookResponse, SendError> {
        {
            let mut state = self.state.lock().unwrap();
            state.sent += 1;
            state.sending += 1;
            state.most_sending = state.most_sending.max(state.sending);
        }
        self.is_open.subscribe().wait_for(|is_open| *is_open).await.unwrap();
        self.state.lock().unwrap().sending -= 1;
        Ok(WebhookResponse { status: 200, retry_after: None })
    }
}

impl DeliveryEncoder for Fake {
    fn encode(&self, _: &DeliveryContent) -> Result<String, EncodeError> {
        Ok("{}".to_owned())
    }
}

impl Clock for Fake {
    fn now(&self) -> Timestamp {
        Timestamp::default()
    }
}

#[tokio::test]
async fn webhook_is_sent_for_until_nothing_is_due() {
    let fake = Fake::new(20, false, true);
    let sending = tokio::spawn(fake.sending().send_all(WEBHOOK));
    fake.is_sent(8).await;
    assert_eq!(fake.figures(), [20, 8, 8, 0]);
    fake.is_open.send_replace(true);
    assert_eq!(sending.await.unwrap(), Ok(()));
    assert_eq!(fake.figures(), [0, 20, 8, 1]);
}

#[tokio::test(start_paused = true)]
async fn attempts_beyond_the_first_are_limited_for_all() {
    let fake = Fake::new(5, false, true);
    let sending = fake.sending();
    let all = u32::try_from(FURTHER_ATTEMPTS).unwrap();
    let others = sending.further.clone().acquire_many_owned(all).await.unwrap();
    let task = tokio::spawn(sending.send_all(WEBHOOK));
    sleep(2 * PERIOD).await;
    assert_eq!(fake.figures(), [5, 1, 1, 0]);
    drop(others);
    sleep(2 * PERIOD).await;
    assert_eq!(fake.figures(), [5, 5, 5, 0]);
    fake.is_open.send_replace(true);
    assert_eq!(task.await.unwrap(), Ok(()));
    assert_eq!(fake.figures(), [0, 5, 5, 1]);
}

#[tokio::test(start_paused = true)]
async fn webhook_is_released_after_its_turn() {
    let fake = Fake::new(20, false, true);
    let task = tokio::spawn(fake.sending().send_all(WEBHOOK));
    sleep(TURN + PERIOD).await;
    assert_eq!(fake.figures(), [20, 8, 8, 0]);
    fake.is_open.send_replace(true);
    assert_eq!(task.await.unwrap(), Ok(()));
    assert_eq!(fake.figures(), [12, 8, 8, 1]);
}

#[tokio::test]
async fn unrecorded_attempt_is_not_repeated_at_once() {
    let fake = Fake::new(20, true, false);
    assert!(fake.sending().send_all(WEBHOOK).await.is_err());
    let [due, sent, _, releases] = fake.figures();
    assert_eq!([due, sent, releases], [20, 8, 0]);
}

#[tokio::test]
async fn stop_ends_with_what_was_begun() {
    let fake = Fake::new(20, false, true);
    let sending = fake.sending();
    let task = tokio::spawn(sending.clone().send_all(WEBHOOK));
    fake.is_sent(8).await;
    sending.stop();
    fake.is_open.send_replace(true);
    assert_eq!(task.await.unwrap(), Ok(()));
    assert_eq!(fake.figures(), [12, 8, 8, 0]);
}
