//! How webhooks are created, changed and deleted.

use super::shared::{NO_WEBHOOK, Ports, find, list};
use crate::{
    builders::{MOMENT, after, new_ping, new_webhook, webhook_change, webhook_rotation, webhook_url},
    contract::{conflict, simultaneously},
    given,
};
use fasttrack_domain::{
    audit::{AuditAction, AuditEntry, AuditFilter, AuditObject, Origin},
    id::{ProjectId, UserId},
    page::PageRequest,
    ports::constraint,
    webhook::{NewPing, NewWebhook, Webhook, WebhookChange, WebhookEventType, WebhookRotation, WebhookTypes},
};

/// `Conflict` with `REFERENCE`.
pub(super) async fn a_webhook_of_an_unknown_project_is_refused(ports: &Ports) {
    for id in [0, i64::MAX].map(ProjectId::new) {
        assert_eq!(conflict(ports.webhooks.create(new_webhook(id)).await), constraint::REFERENCE);
    }
}

/// `Conflict` with `QUOTA`, until one is deleted. Those that are not active count.
pub(super) async fn a_webhook_beyond_the_quota_is_refused(ports: &Ports) {
    let (project, owner) = given::project_with_owner(ports).await;
    let other = given::project(ports, owner.id).await;
    let new = |quota| NewWebhook { quota, ..new_webhook(project.id) };
    let first = ports.webhooks.create(new(2)).await.unwrap();
    let second = ports.webhooks.create(new(2)).await.unwrap();
    let inactive = WebhookChange { is_active: Some(false), ..webhook_change(second.id) };
    ports.webhooks.save(inactive).await.unwrap().unwrap();
    assert_eq!(conflict(ports.webhooks.create(new(2)).await), constraint::QUOTA);
    ports.webhooks.create(NewWebhook { quota: 1, ..new_webhook(other.id) }).await.unwrap();
    assert!(ports.webhooks.delete(first.id, None).await.unwrap());
    ports.webhooks.create(new(2)).await.unwrap();
    assert_eq!(conflict(ports.webhooks.create(new(2)).await), constraint::QUOTA);
    assert_eq!(list(ports, project.id).await.len(), 2);
}

pub(super) async fn simultaneous_webhooks_do_not_exceed_the_quota(ports: &Ports) {
    let (project, _) = given::project_with_owner(ports).await;
    let made = simultaneously(10, |_| {
        let (webhooks, new) = (ports.webhooks.clone(), NewWebhook { quota: 4, ..new_webhook(project.id) });
        async move { webhooks.create(new).await }
    })
    .await;
    let (created, refused): (Vec<_>, Vec<_>) = made.into_iter().partition(Result::is_ok);
    assert_eq!((created.len(), refused.len()), (4, 6));
    for refused in refused {
        assert_eq!(conflict(refused), constraint::QUOTA);
    }
}

/// Each returns the webhook as it is then. The later `updated_at` stays.
pub(super) async fn changes_of_different_fields_are_both_kept(ports: &Ports) {
    let (project, _) = given::project_with_owner(ports).await;
    let webhook = given::webhook(ports, project.id).await;
    let url = webhook_url("https://other.example/hook");
    let change = WebhookChange { url: Some(url.clone()), at: after(9), ..webhook_change(webhook.id) };
    let expected = Webhook { url, updated_at: after(9), ..webhook };
    assert_eq!(ports.webhooks.save(change).await.unwrap().as_ref(), Some(&expected));
    let types = WebhookTypes::parse(vec![WebhookEventType::MemberAdded]).unwrap();
    let change = WebhookChange { types: Some(types.clone()), at: after(5), ..webhook_change(expected.id) };
    let expected = Webhook { types, ..expected };
    assert_eq!(ports.webhooks.save(change).await.unwrap().as_ref(), Some(&expected));
    assert_eq!(find(ports, expected.id).await, Some(expected));
}

pub(super) async fn a_deleted_webhook_is_not_found(ports: &Ports) {
    let (project, _) = given::project_with_owner(ports).await;
    let (webhook, beside) = (given::webhook(ports, project.id).await, given::webhook(ports, project.id).await);
    assert!(ports.webhooks.ping(new_ping(webhook.id)).await.unwrap());
    assert!(ports.webhooks.delete(webhook.id, None).await.unwrap());
    assert!(!ports.webhooks.delete(webhook.id, None).await.unwrap());
    assert_eq!(find(ports, webhook.id).await, None);
    assert_eq!(ports.webhooks.deliveries(webhook.id, PageRequest::default()).await.unwrap().items, []);
    assert_eq!(list(ports, project.id).await, [beside]);
    assert!(given::webhook(ports, project.id).await.id > webhook.id);
}

pub(super) async fn webhooks_go_with_their_project(ports: &Ports) {
    let (project, owner) = given::project_with_owner(ports).await;
    let other = given::project(ports, owner.id).await;
    let (webhook, beside) = (given::webhook(ports, project.id).await, given::webhook(ports, other.id).await);
    assert!(ports.webhooks.ping(new_ping(webhook.id)).await.unwrap());
    assert!(ports.projects.delete(project.id, project.version, MOMENT, None).await.unwrap());
    assert_eq!(find(ports, webhook.id).await, None);
    assert_eq!(find(ports, beside.id).await, Some(beside));
}

fn line(action: AuditAction) -> AuditEntry {
    AuditEntry::new(MOMENT, Some(UserId::new(3)), action, Origin::default())
}

/// The line of a new webhook has the id that storage assigned. What finds nothing has no line.
pub(super) async fn a_line_is_committed_with_a_webhook(ports: &Ports) {
    let (project, _) = given::project_with_owner(ports).await;
    let created = Some(line(AuditAction::WebhookCreated));
    let refused = NewWebhook { quota: 0, audit: created.clone(), ..new_webhook(project.id) };
    assert_eq!(conflict(ports.webhooks.create(refused).await), constraint::QUOTA);
    let webhook = ports.webhooks.create(NewWebhook { audit: created, ..new_webhook(project.id) }).await.unwrap();
    let audit = |action| Some(line(action).with_object(AuditObject::Webhook(webhook.id)));
    for id in [NO_WEBHOOK, webhook.id] {
        let exists = id == webhook.id;
        let change = WebhookChange {
            url: Some(webhook_url("https://other.example/")),
            audit: audit(AuditAction::WebhookUpdated),
            ..webhook_change(id)
        };
        assert_eq!(ports.webhooks.save(change).await.unwrap().is_some(), exists);
        let rotation = WebhookRotation { audit: audit(AuditAction::WebhookRotated), ..webhook_rotation(id) };
        assert_eq!(ports.webhooks.rotate(rotation).await.unwrap(), exists);
        let ping = NewPing { audit: audit(AuditAction::WebhookTested), ..new_ping(id) };
        assert_eq!(ports.webhooks.ping(ping).await.unwrap(), exists);
    }
    let [ping] = ports.webhooks.deliveries(webhook.id, PageRequest::default()).await.unwrap().items.try_into().unwrap();
    assert!(ports.webhooks.retry(ping.id, after(1), audit(AuditAction::DeliveryRetried)).await.unwrap());
    for exists in [true, false] {
        let deleted = ports.webhooks.delete(webhook.id, audit(AuditAction::WebhookDeleted)).await.unwrap();
        assert_eq!(deleted, exists);
    }
    let records = ports.audit.list(AuditFilter::default(), PageRequest::default()).await.unwrap().items;
    let written: Vec<_> = records.into_iter().rev().map(|record| (record.action, record.object)).collect();
    let object = Some(format!("webhook/{}", webhook.id));
    let expected = [
        "webhook.created",
        "webhook.updated",
        "webhook.rotated",
        "webhook.tested",
        "delivery.retried",
        "webhook.deleted",
    ];
    assert_eq!(written, expected.map(|action| (action.to_owned(), object.clone())));
}
