//! The ports of deliveries, and what the cases have in common.

use crate::{
    builders::{after, attempt, delivering},
    contract::dispatch_all,
    given,
};
use fasttrack_domain::{
    id::{ProjectId, WebhookId},
    job::WorkerId,
    page::{Limit, PageRequest},
    ports::{
        comment::CommentRepository,
        erasure::ErasureRepository,
        job::JobQueue,
        member::MemberRepository,
        outbox::Outbox,
        project::ProjectRepository,
        task::TaskRepository,
        user::UserRepository,
        webhook::{Recorded, WebhookQueue, WebhookRepository, WebhookSlots},
    },
    webhook::{Attempt, AttemptOutcome, Delivery, DueDelivery},
};
use std::sync::Arc;

ports! {
    users: UserRepository,
    projects: ProjectRepository,
    members: MemberRepository,
    tasks: TaskRepository,
    comments: CommentRepository,
    webhooks: WebhookRepository,
    webhook_queue: WebhookQueue,
    outbox: Outbox,
    jobs: JobQueue,
    erasures: ErasureRepository,
}

/// A project with a webhook, and one delivery of it for each task.
pub(super) async fn given_deliveries(ports: &Ports, count: usize) -> (ProjectId, WebhookId) {
    let (project, _) = given::project_with_owner(ports).await;
    let webhook = given::webhook(ports, project.id).await;
    for _ in 0..count {
        given::task(ports, project.id).await;
    }
    deliver(ports).await;
    (project.id, webhook.id)
}

/// Delivers the recorded changes that wait.
pub(super) async fn deliver(ports: &Ports) {
    dispatch_all(ports, Arc::new([delivering()]), 100).await;
}

/// The deliveries on the first page of 100, the oldest first.
pub(super) async fn list(ports: &Ports, webhook: WebhookId) -> Vec<Delivery> {
    let page = PageRequest { limit: Limit::new(100).unwrap(), cursor: None };
    let mut listed = ports.webhooks.deliveries(webhook, page).await.unwrap().items;
    listed.reverse();
    listed
}

pub(super) fn worker() -> WorkerId {
    WorkerId::new("worker".to_owned())
}

/// Leases all due webhooks, `minutes` after [`MOMENT`](crate::builders::MOMENT) and for a day.
pub(super) async fn lease(ports: &Ports, minutes: i64) -> Vec<WebhookId> {
    let places = WebhookSlots { all: 100, slow: 100 };
    let leased = ports.webhook_queue.lease(worker(), after(minutes), after(minutes + 1_440), places).await.unwrap();
    leased.into_iter().map(|leased| leased.id).collect()
}

/// The deliveries of a leased webhook that are due `minutes` after [`MOMENT`](crate::builders::MOMENT).
pub(super) async fn due(ports: &Ports, webhook: WebhookId, minutes: i64) -> Vec<DueDelivery> {
    ports.webhook_queue.due(webhook, worker(), after(minutes), 100).await.unwrap().unwrap()
}

pub(super) async fn record(ports: &Ports, attempt: Attempt) -> Recorded {
    ports.webhook_queue.record(worker(), attempt).await.unwrap()
}

/// Records this outcome for every delivery that is due at `minutes`, and releases the webhook.
pub(super) async fn attempt_all(ports: &Ports, webhook: WebhookId, minutes: i64, outcome: AttemptOutcome) {
    assert_eq!(lease(ports, minutes).await, [webhook]);
    for due in due(ports, webhook, minutes).await {
        assert_eq!(record(ports, attempt(&due, minutes, outcome)).await, Recorded::Stored);
    }
    assert!(ports.webhook_queue.release(webhook, worker(), after(minutes)).await.unwrap());
}
