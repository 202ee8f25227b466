//! In which order deliveries of a webhook are due, and what signs them.

use super::shared::{Ports, deliver, due, due_one, given_due, lease, record, worker};
use crate::{
    builders::{MOMENT, NOBODY, after, attempt, new_ping, new_webhook, title, webhook_rotation},
    given,
};
use chrono::TimeDelta;
use fasttrack_domain::{
    id::{TaskId, WebhookId},
    ports::webhook::{Recorded, WebhookSlots},
    task::TaskPatch,
    webhook::{AttemptOutcome, DueDelivery, NewPing, WebhookRotation, WebhookSecret},
};

async fn rename(ports: &Ports, task: TaskId, name: &str) {
    let found = ports.tasks.find(task, NOBODY).await.unwrap().unwrap();
    let patch = TaskPatch { title: Some(title(name)), ..TaskPatch::default() };
    let change = found.apply(patch, found.project.owner_id, after(1)).unwrap().unwrap();
    ports.tasks.save(change).await.unwrap().unwrap();
    deliver(ports).await;
}

fn kinds(due: &[DueDelivery]) -> Vec<&'static str> {
    due.iter().map(|due| due.content.kind().as_str()).collect()
}

/// The next one is due once its attempt is recorded. No more are returned than the limit says.
pub(super) async fn of_each_subject_the_oldest_is_due(ports: &Ports) {
    let (project, webhook, task) = given_due(ports).await;
    rename(ports, task, "Weed").await;
    let second = given::task(ports, project.id).await;
    rename(ports, second.id, "Sow").await;
    assert_eq!(lease(ports, "w", 1).await, [webhook.id]);
    for expected in ["task.created", "task.updated"] {
        let limited = ports.webhook_queue.due(webhook.id, worker("w"), after(1), 1).await.unwrap();
        let both = due(ports, webhook.id, "w", 1).await.unwrap();
        assert_eq!(kinds(&both), [expected; 2]);
        assert_eq!(limited.unwrap(), both[..1]);
        for due in both {
            assert_eq!(record(ports, "w", attempt(&due, 1, AttemptOutcome::Delivered)).await, Recorded::Stored);
        }
    }
    assert_eq!(due(ports, webhook.id, "w", 1).await.unwrap(), []);
}

pub(super) async fn what_failed_does_not_hold_up_its_subject(ports: &Ports) {
    let (_, webhook, task) = given_due(ports).await;
    rename(ports, task, "Weed").await;
    assert_eq!(lease(ports, "w", 1).await, [webhook.id]);
    let created = due_one(ports, webhook.id, "w", 1).await;
    assert_eq!(record(ports, "w", attempt(&created, 1, AttemptOutcome::Retry(after(4)))).await, Recorded::Stored);
    let updated = due_one(ports, webhook.id, "w", 2).await;
    assert_eq!(kinds(std::slice::from_ref(&updated)), ["task.updated"]);
    // Where both are due, the older one goes first.
    let again = due_one(ports, webhook.id, "w", 4).await;
    assert_eq!((again.id, again.message_id, again.failures), (created.id, created.message_id, 1));
}

/// Its time is that of another node's clock, which may be ahead. An attempt that failed is repeated in its time.
pub(super) async fn a_new_delivery_is_due_two_seconds_early(ports: &Ports) {
    let (project, _) = given::project_with_owner(ports).await;
    let webhook = given::webhook(ports, project.id).await.id;
    let later = |seconds| MOMENT + TimeDelta::seconds(seconds);
    for seconds in [2, 0] {
        assert!(ports.webhooks.ping(NewPing { at: later(seconds), ..new_ping(webhook) }).await.unwrap());
    }
    assert_eq!(lease(ports, "w", 0).await, [webhook]);
    let due_at = async |now| ports.webhook_queue.due(webhook, worker("w"), now, 10).await.unwrap().unwrap();
    let [first] = due_at(MOMENT).await.try_into().unwrap();
    assert_eq!(record(ports, "w", attempt(&first, 0, AttemptOutcome::Retry(later(2)))).await, Recorded::Stored);
    let [second] = due_at(MOMENT).await.try_into().unwrap();
    assert!(first.id < second.id);
    assert_eq!(record(ports, "w", attempt(&second, 0, AttemptOutcome::Delivered)).await, Recorded::Stored);
    assert_eq!(due_at(later(1)).await, []);
    assert_eq!(due_at(later(2)).await.len(), 1);
    assert_eq!(record(ports, "w", attempt(&first, 1, AttemptOutcome::Delivered)).await, Recorded::Stored);
    assert!(ports.webhooks.ping(NewPing { at: later(9), ..new_ping(webhook) }).await.unwrap());
    assert_eq!(due_at(later(6)).await, []);
    assert_eq!(due_at(later(7)).await.len(), 1);
}

async fn signing(ports: &Ports, webhook: WebhookId, now: i64) -> Vec<WebhookSecret> {
    due_one(ports, webhook, "w", now).await.secrets
}

/// The newest is the first.
pub(super) async fn secrets_sign_until_they_are_replaced_twice(ports: &Ports) {
    let (project, _) = given::project_with_owner(ports).await;
    let new = new_webhook(project.id);
    let first = new.secret.clone();
    let webhook = ports.webhooks.create(new).await.unwrap().id;
    given::task(ports, project.id).await;
    deliver(ports).await;
    let places = WebhookSlots { all: 1, slow: 1 };
    let leased = ports.webhook_queue.lease(worker("w"), after(0), after(10_000), places).await.unwrap();
    assert_eq!(leased.len(), 1);
    assert_eq!(signing(ports, webhook, 0).await, std::slice::from_ref(&first));

    let rotation = WebhookRotation { at: after(5), ..webhook_rotation(webhook) };
    let second = rotation.secret.clone();
    assert!(ports.webhooks.rotate(rotation).await.unwrap());
    let day = 24 * 60;
    for (now, expected) in [(5, vec![second.clone(), first.clone()]), (4 + day, vec![second.clone(), first])] {
        assert_eq!(signing(ports, webhook, now).await, expected, "{now}");
    }
    assert_eq!(signing(ports, webhook, 5 + day).await, std::slice::from_ref(&second));
    let rotation = WebhookRotation { at: after(6), ..webhook_rotation(webhook) };
    let third = rotation.secret.clone();
    assert!(ports.webhooks.rotate(rotation).await.unwrap());
    assert_eq!(signing(ports, webhook, 7).await, [third, second]);
}
