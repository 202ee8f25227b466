use super::*;
use crate::{
    fixtures::{at, now, run, unavailable},
    webhook::fixtures::webhook,
};
use chrono::TimeDelta;
use fasttrack_domain::{
    id::DeliveryId,
    ports::{
        clock::MockClock,
        webhook::{LeasedWebhook, MockDeliveryEncoder, MockWebhookQueue, MockWebhookTransport, WebhookSlots},
    },
    webhook::{DeliveryContent, MessageId, RetryAfter, WebhookEnd, WebhookSecret},
};
use std::time::Duration;

fn me() -> WorkerId {
    WorkerId::new("node-1".to_owned())
}

fn due(id: i64) -> DueDelivery {
    DueDelivery {
        id: DeliveryId::new(id),
        webhook_id: webhook().id,
        url: webhook().url,
        secrets: vec![WebhookSecret::new([7; 32])],
        message_id: MessageId::new("msg_1".to_owned()),
        content: DeliveryContent::Ping { webhook_id: webhook().id, at: at(0) },
        failures: 0,
    }
}

fn answer(status: u16) -> WebhookResponse {
    WebhookResponse { status, retry_after: None }
}

/// A clock that is at 1000, and at each further look this much later.
fn clock(step: TimeDelta) -> Arc<MockClock> {
    let (mut clock, mut looks) = (MockClock::new(), 0);
    clock.expect_now().returning(move || {
        looks += 1;
        now() + step * (looks - 1)
    });
    Arc::new(clock)
}

fn deliveries(queue: MockWebhookQueue) -> WebhookDeliveries {
    WebhookDeliveries {
        queue: Arc::new(queue),
        transport: Arc::new(MockWebhookTransport::new()),
        encoder: Arc::new(MockDeliveryEncoder::new()),
        clock: crate::fixtures::clock(),
        retries: RetrySchedule::default(),
    }
}

fn encoding() -> Arc<MockDeliveryEncoder> {
    let mut encoder = MockDeliveryEncoder::new();
    encoder.expect_encode().times(1).withf(|content| *content == due(1).content).return_once(|_| Ok("{}".to_owned()));
    Arc::new(encoder)
}

fn answering(answer: Result<WebhookResponse, SendError>) -> Arc<MockWebhookTransport> {
    let expected = WebhookRequest {
        url: due(1).url,
        message_id: due(1).message_id,
        timestamp: now(),
        body: "{}".to_owned(),
        secrets: due(1).secrets,
    };
    let mut transport = MockWebhookTransport::new();
    transport.expect_send().times(1).withf(move |request| *request == expected).return_once(|_| answer);
    Arc::new(transport)
}

fn attempt(work: WebhookDeliveries, delivery: DueDelivery) -> Result<DeliveryAttempted, Error> {
    run(WebhookSender::new(work, me()).attempt(delivery))
}

/// Attempts a delivery that is answered so, and expects that this is recorded.
fn attempted(
    delivery: DueDelivery,
    answer: Result<WebhookResponse, SendError>,
    expected: Attempt,
) -> DeliveryAttempted {
    let mut queue = MockWebhookQueue::new();
    queue
        .expect_record()
        .times(1)
        .withf(move |worker, attempt| *worker == me() && *attempt == expected)
        .return_once(|_, _| Ok(Recorded::Stored));
    let work = WebhookDeliveries { transport: answering(answer), encoder: encoding(), ..deliveries(queue) };
    attempt(work, delivery).unwrap()
}

/// The attempt of delivery 1 that ends with this outcome.
fn ended(outcome: AttemptOutcome, status: Option<u16>, error: Option<&str>) -> Attempt {
    let is_slow = outcome != AttemptOutcome::Delivered;
    let (delivery_id, webhook_id, error) = (DeliveryId::new(1), webhook().id, error.map(str::to_owned));
    Attempt { delivery_id, webhook_id, at: now(), outcome, status, error, is_slow }
}

fn retry(failures: u32, retry_after: Option<RetryAfter>) -> AttemptOutcome {
    let next = RetrySchedule::default().next_attempt(DeliveryId::new(1), failures, now(), retry_after);
    AttemptOutcome::Retry(next.unwrap())
}

#[test]
fn any_success_is_delivered() {
    for status in [200, 202, 299] {
        let expected = ended(AttemptOutcome::Delivered, Some(status), None);
        assert_eq!(attempted(due(1), Ok(answer(status)), expected), DeliveryAttempted::Delivered);
    }
}

#[test]
fn any_other_answer_is_retried_by_the_schedule() {
    for status in [199, 301, 400, 404, 429, 500] {
        let error = format!("the receiver answered {status}");
        let expected = ended(retry(1, None), Some(status), Some(&error));
        assert_eq!(attempted(due(1), Ok(answer(status)), expected), DeliveryAttempted::Retried);
    }
    let error = SendError("the address is not public\n".to_owned());
    let expected = ended(retry(3, None), None, Some("the address is not public "));
    assert_eq!(attempted(DueDelivery { failures: 2, ..due(1) }, Err(error), expected), DeliveryAttempted::Retried);
}

#[test]
fn receiver_can_ask_for_a_later_attempt() {
    let retry_after = Some(RetryAfter::Delay(Duration::from_secs(120)));
    assert_eq!(retry(1, retry_after), AttemptOutcome::Retry(at(1120)));
    let expected = ended(retry(1, retry_after), Some(503), Some("the receiver answered 503"));
    let answer = Ok(WebhookResponse { status: 503, retry_after });
    assert_eq!(attempted(due(1), answer, expected), DeliveryAttempted::Retried);
}

#[test]
fn last_attempt_and_a_receiver_that_is_gone_are_final() {
    let last = DueDelivery { failures: 7, ..due(1) };
    let expected = ended(AttemptOutcome::Failed, Some(500), Some("the receiver answered 500"));
    assert_eq!(attempted(last, Ok(answer(500)), expected), DeliveryAttempted::Failed);
    let expected = ended(AttemptOutcome::Gone, Some(410), Some("the receiver answered 410"));
    assert_eq!(attempted(due(1), Ok(answer(410)), expected), DeliveryAttempted::Ended);
}

#[test]
fn content_that_can_not_be_encoded_fails_at_once() {
    let mut encoder = MockDeliveryEncoder::new();
    encoder.expect_encode().times(1).return_once(|_| Err(EncodeError("broken".into())));
    let expected = ended(AttemptOutcome::Failed, None, Some("the content can't be encoded"));
    let mut queue = MockWebhookQueue::new();
    queue.expect_record().times(1).withf(move |_, it| *it == expected).return_once(|_, _| Ok(Recorded::Stored));
    let work = WebhookDeliveries { encoder: Arc::new(encoder), ..deliveries(queue) };
    assert_eq!(attempt(work, due(1)).unwrap(), DeliveryAttempted::Failed);
}

#[test]
fn attempt_of_over_five_seconds_is_slow() {
    for (seconds, is_slow) in [(5, false), (6, true)] {
        let mut queue = MockWebhookQueue::new();
        queue
            .expect_record()
            .times(1)
            .withf(move |_, attempt| attempt.is_slow == is_slow)
            .return_once(|_, _| Ok(Recorded::Stored));
        let (transport, clock) = (answering(Ok(answer(200))), clock(TimeDelta::seconds(seconds)));
        let work = WebhookDeliveries { transport, encoder: encoding(), clock, ..deliveries(queue) };
        assert_eq!(attempt(work, due(1)).unwrap(), DeliveryAttempted::Delivered);
    }
}

#[test]
fn end_of_the_webhook_is_reported_and_an_outage_is_an_error() {
    for (recorded, is_ended) in [(Ok(Recorded::Ended(WebhookEnd::Failing)), true), (Err(unavailable()), false)] {
        let mut queue = MockWebhookQueue::new();
        queue.expect_record().times(1).return_once(|_, _| recorded);
        let work =
            WebhookDeliveries { transport: answering(Ok(answer(500))), encoder: encoding(), ..deliveries(queue) };
        match attempt(work, due(1)) {
            Ok(attempted) => assert!(is_ended && attempted == DeliveryAttempted::Ended),
            Err(error) => assert!(!is_ended && matches!(error, Error::Unavailable { .. })),
        }
    }
}

#[test]
fn sender_leases_extends_and_releases_under_its_id() {
    let (id, places) = (webhook().id, WebhookSlots { all: 4, slow: 3 });
    let mut queue = MockWebhookQueue::new();
    queue
        .expect_lease()
        .times(1)
        .withf(move |worker, from, until, given| {
            *worker == me() && *from == now() && *until == at(1020) && *given == places
        })
        .return_once(move |_, _, _, _| Ok(vec![LeasedWebhook { id, is_slow: false }]));
    queue
        .expect_extend()
        .times(1)
        .withf(move |webhooks, worker, until| *webhooks == [id] && *worker == me() && *until == at(1020))
        .return_once(|_, _, _| Ok(()));
    queue
        .expect_release()
        .times(1)
        .withf(move |webhook, worker, at| *webhook == id && *worker == me() && *at == now())
        .return_once(|_, _, _| Ok(false));
    queue.expect_release_all().times(1).withf(|worker, at| *worker == me() && *at == now()).return_once(|_, _| Ok(2));
    let sender = WebhookSender::new(deliveries(queue), me());
    assert_eq!(run(sender.lease(places)).unwrap(), [LeasedWebhook { id, is_slow: false }]);
    run(sender.extend(vec![id])).unwrap();
    run(sender.release(id)).unwrap();
    assert_eq!(run(sender.release_all()).unwrap(), 2);
}

#[test]
fn at_most_eight_deliveries_are_in_flight_each_once() {
    let ids = |in_flight: &[i64], found: Option<Vec<DueDelivery>>| -> Vec<i64> {
        let mut queue = MockWebhookQueue::new();
        queue
            .expect_due()
            .withf(|id, worker, at, limit| (*id, *at, *limit) == (webhook().id, now(), 8) && *worker == me())
            .return_once(|_, _, _, _| Ok(found));
        let in_flight: Vec<_> = in_flight.iter().copied().map(DeliveryId::new).collect();
        let due = run(WebhookSender::new(deliveries(queue), me()).due(webhook().id, &in_flight)).unwrap();
        due.into_iter().map(|delivery| delivery.id.get()).collect()
    };
    let eight = || Some((1..=8).map(due).collect::<Vec<_>>());
    assert_eq!(ids(&[], eight()), [1, 2, 3, 4, 5, 6, 7, 8]);
    assert_eq!(ids(&[1, 2, 9], eight()), [3, 4, 5, 6, 7]);
    assert_eq!(ids(&[1, 2, 3, 4, 5, 6, 7, 8], None), Vec::<i64>::new());
    assert_eq!(ids(&[], None), Vec::<i64>::new());
}

#[test]
fn sender_waits_for_its_queue() {
    let mut queue = MockWebhookQueue::new();
    queue.expect_wait().times(1).return_const(());
    run(WebhookSender::new(deliveries(queue), me()).wait());
}

#[test]
fn results_of_attempts_have_names_in_metrics() {
    assert_eq!(DeliveryAttempted::ALL.map(DeliveryAttempted::as_str), ["delivered", "retried", "failed", "ended"]);
}
