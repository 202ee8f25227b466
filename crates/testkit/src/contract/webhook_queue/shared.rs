//! The ports of the queue of webhooks, and what its cases have in common.

use crate::{
    builders::{after, delivering},
    contract::dispatch_all,
    given,
};
use fasttrack_domain::{
    id::{TaskId, WebhookId},
    job::WorkerId,
    ports::{
        job::JobQueue,
        outbox::Outbox,
        project::ProjectRepository,
        task::TaskRepository,
        user::UserRepository,
        webhook::{LeasedWebhook, Recorded, WebhookQueue, WebhookRepository, WebhookSlots},
    },
    project::Project,
    webhook::{Attempt, DueDelivery, Webhook},
};
use std::sync::Arc;

ports! {
    users: UserRepository,
    projects: ProjectRepository,
    tasks: TaskRepository,
    webhooks: WebhookRepository,
    webhook_queue: WebhookQueue,
    outbox: Outbox,
    jobs: JobQueue,
}

pub(super) fn worker(name: &str) -> WorkerId {
    WorkerId::new(name.to_owned())
}

/// A project with a webhook, and a task in it whose creation is to be delivered.
pub(super) async fn given_due(ports: &Ports) -> (Project, Webhook, TaskId) {
    let (project, _) = given::project_with_owner(ports).await;
    let webhook = given::webhook(ports, project.id).await;
    let task = given::task(ports, project.id).await;
    deliver(ports).await;
    (project, webhook, task.id)
}

pub(super) async fn deliver(ports: &Ports) {
    dispatch_all(ports, Arc::new([delivering()]), 100).await;
}

/// Until ten minutes after `now`.
pub(super) async fn lease_within(ports: &Ports, name: &str, now: i64, all: u32, slow: u32) -> Vec<LeasedWebhook> {
    let places = WebhookSlots { all, slow };
    ports.webhook_queue.lease(worker(name), after(now), after(now + 10), places).await.unwrap()
}

/// The ids of what can be leased, whether slow or not.
pub(super) async fn lease(ports: &Ports, name: &str, now: i64) -> Vec<WebhookId> {
    lease_within(ports, name, now, 100, 100).await.into_iter().map(|leased| leased.id).collect()
}

/// What a webhook that is leased to this worker sends; `None` where it isn't.
pub(super) async fn due(ports: &Ports, webhook: WebhookId, name: &str, now: i64) -> Option<Vec<DueDelivery>> {
    ports.webhook_queue.due(webhook, worker(name), after(now), 100).await.unwrap()
}

/// The only delivery that is due.
pub(super) async fn due_one(ports: &Ports, webhook: WebhookId, name: &str, now: i64) -> DueDelivery {
    let [due] = due(ports, webhook, name, now).await.unwrap().try_into().unwrap();
    due
}

pub(super) async fn record(ports: &Ports, name: &str, attempt: Attempt) -> Recorded {
    ports.webhook_queue.record(worker(name), attempt).await.unwrap()
}

pub(super) async fn release(ports: &Ports, webhook: WebhookId, name: &str, now: i64) -> bool {
    ports.webhook_queue.release(webhook, worker(name), after(now)).await.unwrap()
}
