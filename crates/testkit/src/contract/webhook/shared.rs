//! The ports of webhooks, and what the cases have in common.

use crate::builders::NOBODY;
use fasttrack_domain::{
    id::{ProjectId, WebhookId},
    page::{Limit, PageRequest},
    ports::{
        audit::AuditRepository, invitation::InvitationRepository, member::MemberRepository, project::ProjectRepository,
        task::TaskRepository, user::UserRepository, webhook::WebhookRepository,
    },
    webhook::Webhook,
};

ports! {
    users: UserRepository,
    projects: ProjectRepository,
    members: MemberRepository,
    invitations: InvitationRepository,
    tasks: TaskRepository,
    webhooks: WebhookRepository,
    audit: AuditRepository,
}

/// The id of no webhook.
pub(super) const NO_WEBHOOK: WebhookId = WebhookId::new(i64::MAX);

pub(super) async fn find(ports: &Ports, id: WebhookId) -> Option<Webhook> {
    ports.webhooks.find(id, NOBODY).await.unwrap().map(|found| found.webhook)
}

/// The webhooks of the project on the first page of 100.
pub(super) async fn list(ports: &Ports, project: ProjectId) -> Vec<Webhook> {
    let page = PageRequest { limit: Limit::new(100).unwrap(), cursor: None };
    ports.webhooks.list(project, page).await.unwrap().items
}
