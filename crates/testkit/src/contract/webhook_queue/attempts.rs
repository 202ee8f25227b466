//! What is stored of attempts, and how they end a webhook.

use super::shared::{Ports, deliver, due, due_one, given_due, lease, lease_within, record, release, worker};
use crate::{
    builders::{MOMENT, NOBODY, after, attempt, webhook_change, webhook_url},
    given,
};
use fasttrack_domain::{
    id::WebhookId,
    job::JobRecord,
    page::PageRequest,
    ports::webhook::{LeasedWebhook, Recorded, WebhookSlots},
    webhook::{Attempt, AttemptOutcome, Delivery, DeliveryStatus, WebhookChange, WebhookEnd},
};

/// The deliveries of a webhook, the oldest first.
async fn list(ports: &Ports, webhook: WebhookId) -> Vec<Delivery> {
    let mut listed = ports.webhooks.deliveries(webhook, PageRequest::default()).await.unwrap().items;
    listed.reverse();
    listed
}

pub(super) async fn outcomes_of_attempts_are_stored(ports: &Ports) {
    let (_, webhook, _) = given_due(ports).await;
    assert_eq!(lease(ports, "w", 0).await, [webhook.id]);
    let due = due_one(ports, webhook.id, "w", 0).await;
    let retry = |status, error: &str| Attempt {
        status,
        error: Some(error.to_owned()),
        ..attempt(&due, 1, AttemptOutcome::Retry(after(2)))
    };
    let failed = attempt(&due, 3, AttemptOutcome::Failed);
    let ok = attempt(&due, 4, AttemptOutcome::Delivered);
    let steps = [
        (retry(None, "no answer"), DeliveryStatus::Pending, Some(after(2))),
        (retry(Some(503), "busy"), DeliveryStatus::Pending, Some(after(2))),
        (failed, DeliveryStatus::Failed, None),
        (ok, DeliveryStatus::Delivered, None),
    ];
    for (attempts, (attempt, status, next_attempt_at)) in (1..).zip(steps) {
        if attempts == 4 {
            assert_eq!(record(ports, "w", attempt.clone()).await, Recorded::Lost);
            assert!(ports.webhooks.retry(due.id, after(3), None).await.unwrap());
        }
        let (last_status, last_error) = (attempt.status, attempt.error.clone());
        assert_eq!(record(ports, "w", attempt).await, Recorded::Stored);
        let [stored] = list(ports, webhook.id).await.try_into().unwrap();
        let created_at = MOMENT;
        let (id, webhook_id, kind) = (due.id, webhook.id, stored.kind);
        let expected =
            Delivery { id, webhook_id, kind, status, attempts, last_status, last_error, next_attempt_at, created_at };
        assert_eq!(stored, expected);
    }
}

/// Nor one of another webhook's delivery.
pub(super) async fn an_attempt_without_lease_is_not_recorded(ports: &Ports) {
    let (_, webhook, _) = given_due(ports).await;
    let (_, other, _) = given_due(ports).await;
    assert_eq!(lease(ports, "first", 0).await, [webhook.id, other.id]);
    let due = due_one(ports, webhook.id, "first", 0).await;
    let ok = attempt(&due, 1, AttemptOutcome::Delivered);
    assert_eq!(record(ports, "second", ok.clone()).await, Recorded::Lost);
    let wrong = Attempt { webhook_id: other.id, ..ok.clone() };
    assert_eq!(record(ports, "first", wrong).await, Recorded::Lost);
    assert_eq!(lease(ports, "second", 10).await, [webhook.id, other.id]);
    assert_eq!(record(ports, "first", ok.clone()).await, Recorded::Lost);
    let [pending] = list(ports, webhook.id).await.try_into().unwrap();
    assert_eq!((pending.status, pending.attempts), (DeliveryStatus::Pending, 0));
    assert_eq!(record(ports, "second", ok).await, Recorded::Stored);
}

/// Others go first, and an attempt that is not slow makes it one of them again.
pub(super) async fn a_slow_webhook_is_leased_within_its_slots(ports: &Ports) {
    let mut ids = Vec::new();
    for _ in 0..4 {
        ids.push(given_due(ports).await.1.id);
    }
    assert_eq!(lease(ports, "w", 0).await, ids);
    for id in &ids[..3] {
        let due = due_one(ports, *id, "w", 0).await;
        let retry = Attempt { is_slow: true, ..attempt(&due, 1, AttemptOutcome::Retry(after(1))) };
        assert_eq!(record(ports, "w", retry).await, Recorded::Stored);
    }
    for id in &ids {
        assert!(release(ports, *id, "w", 1).await);
    }
    let slow =
        |leased: Vec<LeasedWebhook>| leased.into_iter().map(|leased| (leased.id, leased.is_slow)).collect::<Vec<_>>();
    assert_eq!(slow(lease_within(ports, "w", 1, 3, 1).await), [(ids[3], false), (ids[0], true)]);
    assert_eq!(slow(lease_within(ports, "w", 1, 3, 0).await), []);
    assert_eq!(slow(lease_within(ports, "w", 1, 1, 3).await), [(ids[1], true)]);
    let due = due_one(ports, ids[0], "w", 1).await;
    let late = Attempt { is_slow: false, ..attempt(&due, 2, AttemptOutcome::Retry(after(2))) };
    assert_eq!(record(ports, "w", late).await, Recorded::Stored);
    assert!(release(ports, ids[0], "w", 2).await);
    assert_eq!(slow(lease_within(ports, "w", 2, 9, 0).await), [(ids[0], false)]);
}

/// Its five days of failures begin anew, too.
pub(super) async fn another_url_makes_a_webhook_neither_failing_nor_slow(ports: &Ports) {
    let (_, webhook, _) = given_due(ports).await;
    let day = 24 * 60;
    assert_eq!(lease(ports, "w", 0).await, [webhook.id]);
    let due = due_one(ports, webhook.id, "w", 0).await;
    let retry = |minutes| attempt(&due, minutes, AttemptOutcome::Retry(after(minutes + 1)));
    assert_eq!(record(ports, "w", retry(0)).await, Recorded::Stored);
    let failing = async |minutes| ports.webhooks.counts(after(minutes), 10).await.unwrap().failing;
    let save = async |change| ports.webhooks.save(change).await.unwrap().unwrap();
    save(WebhookChange { url: Some(webhook.url.clone()), ..webhook_change(webhook.id) }).await;
    assert_eq!(failing(2).await, 1);
    save(WebhookChange { url: Some(webhook_url("https://other.example/")), ..webhook_change(webhook.id) }).await;
    assert_eq!(failing(2).await, 0);
    assert!(release(ports, webhook.id, "w", 1).await);
    let places = WebhookSlots { all: 1, slow: 0 };
    let leased = ports.webhook_queue.lease(worker("w"), after(1), after(99 * day), places).await.unwrap();
    assert_eq!(leased, [LeasedWebhook { id: webhook.id, is_slow: false }]);
    for minutes in [4 * day, 9 * day] {
        assert_eq!(record(ports, "w", retry(minutes)).await, Recorded::Stored, "{minutes}");
    }
}

async fn jobs(ports: &Ports) -> Vec<JobRecord> {
    ports.jobs.list(None, after(0), PageRequest::default()).await.unwrap().items
}

/// What waits fails, and the project has no active webhook any more. The owner gets no mail.
pub(super) async fn a_gone_receiver_ends_its_webhook(ports: &Ports) {
    let (project, webhook, _) = given_due(ports).await;
    given::task(ports, project.id).await;
    deliver(ports).await;
    assert_eq!(lease(ports, "w", 0).await, [webhook.id]);
    let [first, second] = due(ports, webhook.id, "w", 0).await.unwrap().try_into().unwrap();
    let gone = Attempt { status: Some(410), ..attempt(&first, 1, AttemptOutcome::Gone) };
    assert_eq!(record(ports, "w", gone).await, Recorded::Ended(WebhookEnd::Gone));
    assert_eq!(record(ports, "w", attempt(&second, 2, AttemptOutcome::Delivered)).await, Recorded::Lost);
    let found = ports.webhooks.find(webhook.id, NOBODY).await.unwrap().unwrap();
    assert!(!found.webhook.is_active && !found.project.has_webhooks);
    let ended = list(ports, webhook.id).await;
    let ended: Vec<_> = ended.iter().map(|one| (one.status, one.attempts, one.last_error.as_deref())).collect();
    let error = "the receiver answered 500";
    let expected = [(DeliveryStatus::Failed, 1, Some(error)), (DeliveryStatus::Failed, 0, Some(Delivery::ENDED))];
    assert_eq!(ended, expected);
    assert!(release(ports, webhook.id, "w", 1).await);
    assert_eq!(lease(ports, "w", 9).await, []);
    assert_eq!(jobs(ports).await, []);
}

/// A success in between begins the five days anew. The owner gets a mail.
pub(super) async fn five_days_of_failures_end_a_webhook(ports: &Ports) {
    let (_, webhook, _) = given_due(ports).await;
    let day = 24 * 60;
    let places = WebhookSlots { all: 1, slow: 1 };
    let leased = ports.webhook_queue.lease(worker("w"), after(0), after(99 * day), places).await.unwrap();
    assert_eq!(leased.len(), 1);
    let due = due_one(ports, webhook.id, "w", 0).await;
    let retry = |minutes| attempt(&due, minutes, AttemptOutcome::Retry(after(minutes + 1)));
    assert_eq!(record(ports, "w", retry(0)).await, Recorded::Stored);
    assert_eq!(record(ports, "w", attempt(&due, day, AttemptOutcome::Delivered)).await, Recorded::Stored);
    assert!(ports.webhooks.retry(due.id, after(2 * day), None).await.unwrap());
    for minutes in [2 * day, 6 * day, 7 * day] {
        assert_eq!(record(ports, "w", retry(minutes)).await, Recorded::Stored, "{minutes}");
    }
    assert_eq!(jobs(ports).await, []);
    assert_eq!(record(ports, "w", retry(7 * day + 1)).await, Recorded::Ended(WebhookEnd::Failing));
    let [delivery] = list(ports, webhook.id).await.try_into().unwrap();
    assert_eq!((delivery.status, delivery.attempts), (DeliveryStatus::Failed, 6));
    assert!(!ports.webhooks.find(webhook.id, NOBODY).await.unwrap().unwrap().webhook.is_active);
    let [mail] = jobs(ports).await.try_into().unwrap();
    assert_eq!((mail.kind.as_str(), mail.created_at), ("webhook_ended_mail", after(7 * day + 1)));
}
