//! How many deliveries are kept, and for how long.

use super::shared::{Ports, attempt_all, deliver, due, given_deliveries, lease, list, record, worker};
use crate::{
    builders::{after, attempt, delivering, description, new_ping, subscriber},
    contract::{Subscribers, dispatch_all},
    given,
};
use fasttrack_domain::{
    event::Event,
    page::{Cursor, Limit, PageRequest},
    ports::{
        outbox::Consequence,
        webhook::{Recorded, WebhookCounts},
    },
    task::NewTask,
    text::DisplayName,
    webhook::{AttemptOutcome, DeliveryContent, DueDelivery, MAX_DELIVERIES, NewDelivery},
};
use std::sync::Arc;

/// Those that wait stay. As many are deleted as the limit says, the oldest first.
pub(super) async fn ended_deliveries_are_deleted_later(ports: &Ports) {
    let (project, webhook) = given_deliveries(ports, 3).await;
    assert_eq!(lease(ports, 0).await, [webhook]);
    for (due, minutes) in due(ports, webhook, 0).await.into_iter().zip([3, 2, 4]) {
        let outcome = if minutes == 2 { AttemptOutcome::Failed } else { AttemptOutcome::Delivered };
        assert_eq!(record(ports, attempt(&due, minutes, outcome)).await, Recorded::Stored);
    }
    given::task(ports, project).await;
    deliver(ports).await;
    let [first, _, third, waiting] = list(ports, webhook).await.try_into().unwrap();
    assert_eq!(ports.webhooks.delete_ended(after(2), 10).await.unwrap(), 0);
    assert_eq!(ports.webhooks.delete_ended(after(4), 1).await.unwrap(), 1);
    assert_eq!(list(ports, webhook).await, [first, third.clone(), waiting.clone()]);
    assert_eq!(ports.webhooks.delete_ended(after(4), 10).await.unwrap(), 1);
    assert_eq!(list(ports, webhook).await, [third, waiting.clone()]);
    assert_eq!(ports.webhooks.delete_ended(after(9), 10).await.unwrap(), 1);
    assert_eq!(ports.webhooks.delete_ended(after(9), 10).await.unwrap(), 0);
    assert_eq!(list(ports, webhook).await, [waiting]);
}

/// A subscriber that delivers each change so many times.
fn repeated(count: usize) -> Subscribers {
    let repeat = move |event: &Event, actor: &DisplayName| match event {
        Event::Change(changed) => vec![Consequence::Deliver(NewDelivery::of(changed, actor)); count],
        Event::Task(_) | Event::ProjectShared(_) | Event::Touched(_) => Vec::new(),
    };
    Arc::new([subscriber(repeat)])
}

/// The oldest that have ended are deleted first, then the oldest that wait. Another webhook keeps its own.
pub(super) async fn a_webhook_keeps_its_newest_deliveries(ports: &Ports) {
    let (project, webhook) = given_deliveries(ports, 3).await;
    assert_eq!(lease(ports, 0).await, [webhook]);
    let [first, second, third] = due(ports, webhook, 0).await.try_into().unwrap();
    assert_eq!(record(ports, attempt(&second, 1, AttemptOutcome::Delivered)).await, Recorded::Stored);
    assert!(ports.webhook_queue.release(webhook, worker(), after(1)).await.unwrap());
    let (_, other) = given_deliveries(ports, 1).await;

    let most = usize::try_from(MAX_DELIVERIES).unwrap();
    given::task(ports, project).await;
    dispatch_all(ports, repeated(most - 1), 100).await;

    // There are two more than may be: the one that has ended, and the oldest of the others.
    let page = PageRequest { limit: Limit::new(100).unwrap(), cursor: Some(Cursor::after(third.id.get() + 1)) };
    let oldest = ports.webhooks.deliveries(webhook, page).await.unwrap().items;
    assert_eq!(oldest.iter().map(|delivery| delivery.id).collect::<Vec<_>>(), [third.id]);
    assert!(ports.webhooks.ping(new_ping(webhook)).await.unwrap());
    assert_eq!(ports.webhooks.deliveries(webhook, page).await.unwrap().items, []);
    assert!(first.id < second.id && second.id < third.id);
    assert_eq!(list(ports, other).await.len(), 1);
}

/// A project in another version keeps all of them.
pub(super) async fn many_deliveries_go_with_their_webhook_or_project(ports: &Ports) {
    let (project, owner) = given::project_with_owner(ports).await;
    let (first, second) = (given::webhook(ports, project.id).await.id, given::webhook(ports, project.id).await.id);
    let third = given::webhook(ports, project.id).await.id;
    given::task(ports, project.id).await;
    dispatch_all(ports, repeated(450), 100).await;
    let (_, beside) = given_deliveries(ports, 2).await;
    let count = async |webhook| {
        let (mut count, mut page) = (0, PageRequest { limit: Limit::new(100).unwrap(), cursor: None });
        loop {
            let listed = ports.webhooks.deliveries(webhook, page).await.unwrap();
            count += listed.items.len();
            let Some(next) = listed.next else { return count };
            page.cursor = Some(next);
        }
    };
    assert!(ports.webhooks.delete(first, None).await.unwrap());
    assert_eq!(ports.webhooks.find(first, owner.id).await.unwrap(), None);
    assert!(!ports.projects.delete(project.id, project.version + 1, after(1), None).await.unwrap());
    assert_eq!([count(first).await, count(second).await, count(third).await], [0, 450, 450]);
    assert!(ports.projects.delete(project.id, project.version, after(1), None).await.unwrap());
    assert_eq!([count(second).await, count(third).await, count(beside).await], [0, 0, 2]);
}

/// A batch of them takes fewer events. None is lost, and they stay in their order.
pub(super) async fn large_changes_are_dispatched_in_smaller_batches(ports: &Ports) {
    let (project, _) = given::project_with_owner(ports).await;
    let webhook = given::webhook(ports, project.id).await.id;
    // A character takes four bytes.
    let long = "🐢".repeat(10_000);
    let mut tasks = Vec::new();
    for _ in 0..20 {
        let adjust = |task: NewTask| NewTask { description: Some(description(&long)), ..task };
        tasks.push(given::task_with(ports, project.id, adjust).await.id);
    }
    let batches = dispatch_all(ports, Arc::new([delivering()]), 100).await;
    assert_eq!(batches.iter().map(|batch| batch.more).collect::<Vec<_>>(), [true, false]);
    assert_eq!(lease(ports, 0).await, [webhook]);
    let due = due(ports, webhook, 0).await;
    let task = |due: DueDelivery| match due.content {
        DeliveryContent::Change { change, .. } => change.task_id(),
        DeliveryContent::Ping { .. } => None,
    };
    assert_eq!(due.into_iter().filter_map(task).collect::<Vec<_>>(), tasks);
}

/// Up to the limit. A webhook that is not failing any more isn't counted.
pub(super) async fn waiting_and_failing_are_counted(ports: &Ports) {
    let counts = async |minutes, limit| ports.webhooks.counts(after(minutes), limit).await.unwrap();
    assert_eq!(counts(0, 10).await, WebhookCounts::default());
    let (_, webhook) = given_deliveries(ports, 3).await;
    assert_eq!(counts(-1, 10).await, WebhookCounts::default());
    assert_eq!(counts(0, 10).await, WebhookCounts { waiting: 3, failing: 0 });
    assert_eq!(counts(0, 2).await, WebhookCounts { waiting: 2, failing: 0 });
    attempt_all(ports, webhook, 1, AttemptOutcome::Retry(after(5))).await;
    assert_eq!(counts(4, 10).await, WebhookCounts { waiting: 0, failing: 1 });
    assert_eq!(counts(5, 10).await, WebhookCounts { waiting: 3, failing: 1 });
    assert_eq!(counts(5, 0).await, WebhookCounts::default());
    attempt_all(ports, webhook, 6, AttemptOutcome::Delivered).await;
    assert_eq!(counts(9, 10).await, WebhookCounts::default());
}
