//! Which webhooks are leased, to which worker, and for how long.

use super::shared::{Ports, due, due_one, given_due, lease, lease_within, record, release, worker};
use crate::{
    builders::{after, attempt, new_ping},
    contract::simultaneously,
    given,
};
use fasttrack_domain::{
    page::PageRequest,
    ports::webhook::Recorded,
    webhook::{AttemptOutcome, NewPing},
};
use std::{collections::HashSet, time::Duration};
use tokio::time::timeout;

/// No webhook is leased before its time, and no more than there are places.
pub(super) async fn webhooks_due_for_longest_are_leased_first(ports: &Ports) {
    let (project, _) = given::project_with_owner(ports).await;
    let mut ids = Vec::new();
    for minutes in [3, 1, 2, 1, 9] {
        let webhook = given::webhook(ports, project.id).await.id;
        assert!(ports.webhooks.ping(NewPing { at: after(minutes), ..new_ping(webhook) }).await.unwrap());
        ids.push(webhook);
    }
    given::webhook(ports, project.id).await;
    assert_eq!(lease(ports, "early", 0).await, []);
    assert_eq!(lease_within(ports, "nothing", 3, 0, 0).await, []);
    let first = lease_within(ports, "first", 3, 3, 3).await;
    assert!(first.iter().all(|leased| !leased.is_slow));
    assert_eq!(first.iter().map(|leased| leased.id).collect::<Vec<_>>(), [ids[1], ids[3], ids[2]]);
    assert_eq!(lease(ports, "second", 3).await, [ids[0]]);
    assert_eq!(lease(ports, "late", 3).await, []);
}

pub(super) async fn a_leased_webhook_is_not_leased_again_before_the_lease_ends(ports: &Ports) {
    let (_, webhook, _) = given_due(ports).await;
    assert_eq!(lease(ports, "first", 0).await, [webhook.id]);
    for name in ["second", "first"] {
        assert_eq!(lease(ports, name, 9).await, []);
    }
    assert_eq!(lease(ports, "second", 10).await, [webhook.id]);
    assert_eq!(due(ports, webhook.id, "first", 10).await, None);
    assert_eq!(due(ports, webhook.id, "second", 10).await.unwrap().len(), 1);
}

/// Every webhook is leased.
pub(super) async fn simultaneous_leases_never_get_the_same_webhook(ports: &Ports) {
    let (project, _) = given::project_with_owner(ports).await;
    let mut ids = HashSet::new();
    for _ in 0..20 {
        let webhook = given::webhook(ports, project.id).await.id;
        assert!(ports.webhooks.ping(new_ping(webhook)).await.unwrap());
        ids.insert(webhook);
    }
    let leased = simultaneously(10, |n| {
        let ports = ports.clone();
        async move {
            let (mut mine, name) = (Vec::new(), format!("worker {n}"));
            loop {
                let more = lease_within(&ports, &name, 0, 3, 3).await;
                assert!(more.len() <= 3);
                if more.is_empty() {
                    return mine;
                }
                mine.extend(more.into_iter().map(|leased| leased.id));
            }
        }
    })
    .await
    .concat();
    assert_eq!(leased.len(), 20);
    assert_eq!(leased.into_iter().collect::<HashSet<_>>(), ids);
}

/// Leases of other workers stay as they are.
pub(super) async fn a_worker_can_extend_and_release_its_leases(ports: &Ports) {
    let mut ids = Vec::new();
    for _ in 0..3 {
        ids.push(given_due(ports).await.1.id);
    }
    let first: Vec<_> = lease_within(ports, "first", 0, 2, 2).await.into_iter().map(|leased| leased.id).collect();
    assert_eq!((first.as_slice(), lease(ports, "other", 0).await), (&ids[..2], vec![ids[2]]));
    ports.webhook_queue.extend(vec![ids[0], ids[2]], worker("first"), after(20)).await.unwrap();
    ports.webhook_queue.extend(Vec::new(), worker("first"), after(30)).await.unwrap();
    assert_eq!(lease(ports, "second", 15).await, ids[1..]);
    assert!(!release(ports, ids[1], "first", 15).await);
    assert_eq!(ports.webhook_queue.release_all(worker("second"), after(15)).await.unwrap(), 2);
    assert_eq!(ports.webhook_queue.release_all(worker("second"), after(15)).await.unwrap(), 0);
    assert_eq!(lease(ports, "third", 15).await, ids[1..]);
    assert!(release(ports, ids[0], "first", 15).await);
    assert_eq!(lease(ports, "fourth", 15).await, [ids[0]]);
}

/// It is due no more once all was delivered, until something is added.
pub(super) async fn a_released_webhook_is_due_with_its_next_delivery(ports: &Ports) {
    let (_, webhook, _) = given_due(ports).await;
    let id = webhook.id;
    assert_eq!(lease(ports, "w", 0).await, [id]);
    let due = due_one(ports, id, "w", 0).await;
    assert_eq!(record(ports, "w", attempt(&due, 1, AttemptOutcome::Retry(after(5)))).await, Recorded::Stored);
    assert!(release(ports, id, "w", 1).await);
    assert_eq!(lease(ports, "w", 4).await, []);
    assert_eq!(lease(ports, "w", 5).await, [id]);
    assert_eq!(record(ports, "w", attempt(&due, 6, AttemptOutcome::Delivered)).await, Recorded::Stored);
    assert!(release(ports, id, "w", 6).await);
    assert!(!release(ports, id, "w", 6).await);
    assert_eq!(lease(ports, "w", 1_000).await, []);
    // One that is added while the webhook is leased is due after its release, too.
    assert!(ports.webhooks.ping(new_ping(id)).await.unwrap());
    assert_eq!(lease(ports, "w", 7).await, [id]);
    assert!(ports.webhooks.ping(NewPing { at: after(8), ..new_ping(id) }).await.unwrap());
    let due = due_one(ports, id, "w", 7).await;
    assert_eq!(record(ports, "w", attempt(&due, 7, AttemptOutcome::Delivered)).await, Recorded::Stored);
    assert!(release(ports, id, "w", 7).await);
    assert_eq!(lease(ports, "w", 7).await, []);
    assert_eq!(lease(ports, "w", 8).await, [id]);
}

/// It stays due.
pub(super) async fn a_webhook_released_with_a_backlog_goes_behind_others(ports: &Ports) {
    let backlog = given_due(ports).await.1.id;
    let other = given_due(ports).await.1.id;
    let lease_one = async |now| lease_within(ports, "w", now, 1, 1).await[0].id;
    assert_eq!(lease_one(0).await, backlog);
    assert!(release(ports, backlog, "w", 2).await);
    assert_eq!(lease_one(2).await, other);
    assert_eq!(lease_one(2).await, backlog);
    // A time before that of the delivery changes nothing.
    assert!(release(ports, backlog, "w", -1).await);
    assert_eq!(lease(ports, "w", -1).await, []);
    assert_eq!(lease(ports, "w", 0).await, [backlog]);
}

/// By a dispatch, a ping and a request.
pub(super) async fn a_webhook_that_becomes_due_wakes_the_waiting_sender(ports: &Ports) {
    let woken = async || timeout(Duration::from_secs(10), ports.webhook_queue.wait()).await.unwrap();
    let (_, webhook, _) = given_due(ports).await;
    woken().await;
    assert!(ports.webhooks.ping(new_ping(webhook.id)).await.unwrap());
    woken().await;
    let page = ports.webhooks.deliveries(webhook.id, PageRequest::default()).await.unwrap();
    assert!(ports.webhooks.retry(page.items[0].id, after(1), None).await.unwrap());
    woken().await;
}
