//! Deliveries that a project's owner requests, and the end of those that wait.

use super::shared::{Ports, attempt_all, deliver, due, given_deliveries, lease, list, record, worker};
use crate::{
    builders::{MOMENT, after, attempt, new_ping, webhook_change},
    contract::{conflict, simultaneously},
    given,
};
use fasttrack_domain::{
    ports::{constraint, webhook::Recorded},
    webhook::{AttemptOutcome, Delivery, DeliveryContent, DeliveryStatus, DeliveryType, NewPing, WebhookChange},
};

/// Whatever the webhook subscribes to.
pub(super) async fn a_ping_is_due_at_once(ports: &Ports) {
    let (project, _) = given::project_with_owner(ports).await;
    let webhook = given::webhook(ports, project.id).await.id;
    assert_eq!(lease(ports, 0).await, []);
    assert!(ports.webhooks.ping(new_ping(webhook)).await.unwrap());
    let [ping] = list(ports, webhook).await.try_into().unwrap();
    assert_eq!((ping.kind, ping.next_attempt_at, ping.created_at), (DeliveryType::Ping, Some(MOMENT), MOMENT));
    assert_eq!(lease(ports, 0).await, [webhook]);
    let [due] = due(ports, webhook, 0).await.try_into().unwrap();
    assert_eq!((due.id, due.content), (ping.id, DeliveryContent::Ping { webhook_id: webhook, at: MOMENT }));
}

/// `Conflict` with `QUOTA`, also for simultaneous calls, until one was sent. Other deliveries don't count.
pub(super) async fn pings_beyond_the_quota_are_refused(ports: &Ports) {
    let (_, webhook) = given_deliveries(ports, 3).await;
    let ping = NewPing { quota: 2, ..new_ping(webhook) };
    let made = simultaneously(6, |_| {
        let (webhooks, ping) = (ports.webhooks.clone(), ping.clone());
        async move { webhooks.ping(ping).await }
    })
    .await;
    let (made, refused): (Vec<_>, Vec<_>) = made.into_iter().partition(Result::is_ok);
    assert_eq!((made.len(), refused.len()), (2, 4));
    for refused in refused {
        assert_eq!(conflict(refused), constraint::QUOTA);
    }
    attempt_all(ports, webhook, 0, AttemptOutcome::Delivered).await;
    // Of one subject, one is due at a time.
    assert!(ports.webhooks.ping(ping.clone()).await.unwrap());
    assert_eq!(conflict(ports.webhooks.ping(ping).await), constraint::QUOTA);
}

/// With the same message id. Its attempts count on, its failures begin anew.
pub(super) async fn a_requested_delivery_is_due_again(ports: &Ports) {
    let (_, webhook) = given_deliveries(ports, 1).await;
    assert_eq!(lease(ports, 0).await, [webhook]);
    let [first] = due(ports, webhook, 0).await.try_into().unwrap();
    assert_eq!(record(ports, attempt(&first, 1, AttemptOutcome::Retry(after(60)))).await, Recorded::Stored);
    assert_eq!(due(ports, webhook, 59).await, []);
    assert!(ports.webhooks.retry(first.id, after(2), None).await.unwrap());
    let [second] = due(ports, webhook, 2).await.try_into().unwrap();
    assert_eq!((second.id, &second.message_id, second.failures), (first.id, &first.message_id, 1));

    for (minutes, outcome, status) in
        [(3, AttemptOutcome::Failed, DeliveryStatus::Failed), (5, AttemptOutcome::Delivered, DeliveryStatus::Delivered)]
    {
        let [again] = due(ports, webhook, minutes).await.try_into().unwrap();
        assert_eq!(record(ports, attempt(&again, minutes, outcome)).await, Recorded::Stored);
        let [ended] = list(ports, webhook).await.try_into().unwrap();
        assert_eq!((ended.status, ended.next_attempt_at), (status, None));
        assert!(ports.webhook_queue.release(webhook, worker(), after(minutes)).await.unwrap());
        assert_eq!(lease(ports, minutes).await, []);
        assert!(ports.webhooks.retry(first.id, after(minutes + 1), None).await.unwrap());
        assert_eq!(lease(ports, minutes).await, []);
        assert_eq!(lease(ports, minutes + 1).await, [webhook]);
        let [again] = due(ports, webhook, minutes + 1).await.try_into().unwrap();
        assert_eq!((&again.message_id, again.failures), (&first.message_id, 0));
    }
    let [pending] = list(ports, webhook).await.try_into().unwrap();
    assert_eq!(
        (pending.status, pending.attempts, pending.next_attempt_at),
        (DeliveryStatus::Pending, 3, Some(after(6)))
    );
}

/// What was delivered stays so. An active one gets what is requested from then on, and is no longer failing.
pub(super) async fn a_deactivated_webhook_fails_what_waits(ports: &Ports) {
    let (project, webhook) = given_deliveries(ports, 3).await;
    assert_eq!(lease(ports, 0).await, [webhook]);
    let [first, second, third] = due(ports, webhook, 0).await.try_into().unwrap();
    assert_eq!(record(ports, attempt(&first, 1, AttemptOutcome::Delivered)).await, Recorded::Stored);
    assert_eq!(record(ports, attempt(&second, 2, AttemptOutcome::Retry(after(9)))).await, Recorded::Stored);
    assert_eq!(ports.webhooks.counts(after(3), 10).await.unwrap().failing, 1);
    let change = |is_active| WebhookChange { is_active: Some(is_active), at: after(3), ..webhook_change(webhook) };
    assert!(!ports.webhooks.save(change(false)).await.unwrap().unwrap().is_active);

    let listed = list(ports, webhook).await;
    let ended: Vec<_> = listed.iter().map(|one| (one.status, one.last_error.as_deref(), one.attempts)).collect();
    let inactive = Some(Delivery::INACTIVE);
    let expected = [
        (DeliveryStatus::Delivered, None, 1),
        (DeliveryStatus::Failed, inactive, 1),
        (DeliveryStatus::Failed, inactive, 0),
    ];
    assert_eq!(ended, expected);
    assert_eq!(record(ports, attempt(&third, 4, AttemptOutcome::Delivered)).await, Recorded::Lost);
    assert_eq!(due(ports, webhook, 10).await, []);
    assert!(!ports.webhooks.retry(second.id, after(4), None).await.unwrap());
    assert!(!ports.webhooks.ping(new_ping(webhook)).await.unwrap());
    given::task(ports, project).await;
    deliver(ports).await;
    assert!(ports.webhook_queue.release(webhook, worker(), after(4)).await.unwrap());
    assert_eq!(lease(ports, 20).await, []);

    assert!(ports.webhooks.save(change(true)).await.unwrap().unwrap().is_active);
    assert_eq!(list(ports, webhook).await, listed);
    assert_eq!(ports.webhooks.counts(after(20), 10).await.unwrap().failing, 0);
    assert!(ports.webhooks.retry(second.id, after(4), None).await.unwrap());
    assert_eq!(lease(ports, 20).await, [webhook]);
}
