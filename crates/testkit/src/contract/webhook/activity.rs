//! Whether a project has an active webhook.

use super::shared::Ports;
use crate::{
    builders::{MOMENT, NOBODY, new_webhook, webhook_change},
    contract::simultaneously,
    given,
};
use fasttrack_domain::{
    id::{TaskId, WebhookId},
    membership::GrantedRole,
    page::PageRequest,
    project::{NewProject, Project, ProjectFilter},
    ticket::SecretHash,
    webhook::{Webhook, WebhookChange},
};

async fn set_active(ports: &Ports, id: WebhookId, is_active: bool) -> Webhook {
    let change = WebhookChange { is_active: Some(is_active), ..webhook_change(id) };
    let saved = ports.webhooks.save(change).await.unwrap().unwrap();
    assert_eq!(saved.is_active, is_active);
    saved
}

/// What each read of the owner's Inbox, and of a task and an invitation in it, says.
async fn said(ports: &Ports, inbox: &Project, task: TaskId, token: SecretHash) -> [bool; 6] {
    let owner = inbox.owner_id;
    let listed = ports.projects.list(ProjectFilter::of(owner), PageRequest::default()).await.unwrap().items;
    let bulk = ports.tasks.find_in_project(inbox.id, vec![task], owner).await.unwrap().unwrap();
    assert!(bulk.tasks.iter().all(|found| found.project == bulk.project));
    [
        ports.projects.find(inbox.id, NOBODY).await.unwrap().unwrap().has_webhooks,
        listed.iter().any(|view| view.project.id == inbox.id && view.has_webhooks),
        ports.projects.find_inbox(owner).await.unwrap().unwrap().has_webhooks,
        ports.tasks.find(task, NOBODY).await.unwrap().unwrap().project.has_webhooks,
        bulk.project.has_webhooks,
        ports.invitations.find(token, NOBODY, MOMENT).await.unwrap().unwrap().has_webhooks,
    ]
}

pub(super) async fn a_project_says_in_every_read_whether_it_has_a_webhook(ports: &Ports) {
    let owner = given::user(ports).await;
    let inbox = ports.projects.create_inbox(NewProject::inbox(owner.id, MOMENT)).await.unwrap();
    let task = given::task(ports, inbox.id).await.id;
    let (_, token) = given::invitation(ports, &inbox, GrantedRole::Viewer).await;
    let other = given::project(ports, owner.id).await;
    given::webhook(ports, other.id).await;
    let check = async |expected: bool, step: &str| {
        assert_eq!(said(ports, &inbox, task, token).await, [expected; 6], "{step}");
    };
    check(false, "none").await;
    let first = given::webhook(ports, inbox.id).await.id;
    let second = given::webhook(ports, inbox.id).await.id;
    check(true, "two").await;
    for _ in 0..2 {
        set_active(ports, first, false).await;
    }
    check(true, "one of two is active").await;
    set_active(ports, second, false).await;
    check(false, "none of two is active").await;
    for _ in 0..2 {
        set_active(ports, first, true).await;
    }
    assert!(ports.webhooks.delete(second, None).await.unwrap());
    check(true, "one that is not active was deleted").await;
    assert!(ports.webhooks.delete(first, None).await.unwrap());
    check(false, "all were deleted").await;
}

/// Afterwards the project has none.
pub(super) async fn a_webhook_is_counted_once_by_simultaneous_changes(ports: &Ports) {
    let (project, _) = given::project_with_owner(ports).await;
    for _ in 0..3 {
        let webhook = ports.webhooks.create(new_webhook(project.id)).await.unwrap().id;
        simultaneously(6, |n| {
            let webhooks = ports.webhooks.clone();
            async move {
                let change = WebhookChange { is_active: Some(n % 2 == 0), ..webhook_change(webhook) };
                webhooks.save(change).await.unwrap();
                if n == 5 {
                    webhooks.delete(webhook, None).await.unwrap();
                }
            }
        })
        .await;
        assert!(!ports.projects.find(project.id, NOBODY).await.unwrap().unwrap().has_webhooks);
    }
}
