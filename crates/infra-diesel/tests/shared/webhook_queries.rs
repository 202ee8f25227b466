//! The queries of webhooks.

use fasttrack_domain::{
    job::WorkerId,
    page::{Cursor, PageRequest},
    ports::{Repositories, webhook::WebhookSlots},
    project::Project,
    webhook::{AttemptOutcome, WebhookChange},
};
use fasttrack_testkit::builders::{
    after, attempt, delivering, new_ping, new_task, new_webhook, webhook_change, webhook_rotation,
};
use std::sync::Arc;

/// Calls those of webhooks and deliveries.
pub async fn call(repositories: &Repositories, project: &Project) {
    let Repositories { tasks, outbox, webhooks, webhook_queue, .. } = repositories;
    let (page, worker) =
        (PageRequest { cursor: Some(Cursor::after(1)), ..PageRequest::default() }, WorkerId::new("w".to_owned()));
    let webhook = webhooks.create(new_webhook(project.id)).await.unwrap().id;
    webhooks.find(webhook, project.owner_id).await.unwrap().unwrap();
    webhooks.list(project.id, page).await.unwrap();
    let within = tasks.find_project(project.id, project.owner_id).await.unwrap().unwrap();
    tasks.create(new_task(&within), None).await.unwrap();
    outbox.dispatch(Arc::new([delivering()]), 100).await.unwrap();
    assert!(webhooks.ping(new_ping(webhook)).await.unwrap());

    let places = WebhookSlots { all: 10, slow: 10 };
    assert_eq!(webhook_queue.lease(worker.clone(), after(1), after(9), places).await.unwrap().len(), 1);
    webhook_queue.extend(vec![webhook], worker.clone(), after(9)).await.unwrap();
    let due = webhook_queue.due(webhook, worker.clone(), after(1), 10).await.unwrap().unwrap();
    for (due, outcome) in due.iter().zip([AttemptOutcome::Retry(after(2)), AttemptOutcome::Failed]) {
        webhook_queue.record(worker.clone(), attempt(due, 1, outcome)).await.unwrap();
        assert!(webhooks.retry(due.id, after(2), None).await.unwrap());
        webhooks.find_delivery(due.id, project.owner_id).await.unwrap().unwrap();
    }
    webhooks.deliveries(webhook, page).await.unwrap();
    webhooks.counts(after(3), 10).await.unwrap();
    assert_eq!(webhook_queue.release_all(worker, after(3)).await.unwrap(), 1);
    let inactive = WebhookChange { is_active: Some(false), ..webhook_change(webhook) };
    webhooks.save(inactive).await.unwrap().unwrap();
    assert_eq!(webhooks.delete_ended(after(9), 10).await.unwrap(), 2);
    assert!(webhooks.rotate(webhook_rotation(webhook)).await.unwrap());
    assert!(webhooks.delete(webhook, None).await.unwrap());
}
