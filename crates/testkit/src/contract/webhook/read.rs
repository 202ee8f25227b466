//! How webhooks are found and listed.

use super::shared::{NO_WEBHOOK, Ports, find, list};
use crate::{
    builders::{MOMENT, NOBODY, new_ping, new_webhook, webhook_change, webhook_rotation},
    contract::walk::walk_while_rows_change,
    given,
};
use fasttrack_domain::{
    id::{DeliveryId, ProjectId, WebhookId},
    membership::{GrantedRole, MemberRole},
    page::PageRequest,
    webhook::{WebhookEventType, WebhookTypes},
};

pub(super) async fn a_new_webhook_is_found_with_the_role_of_the_reader(ports: &Ports) {
    let (project, owner) = given::project_with_owner(ports).await;
    let viewer = given::member(ports, &project, GrantedRole::Viewer).await;
    let types = WebhookTypes::parse(vec![WebhookEventType::TaskDeleted, WebhookEventType::TaskCreated]).unwrap();
    let mut new = new_webhook(project.id);
    new.types = types;
    let created = ports.webhooks.create(new.clone()).await.unwrap();
    assert_eq!(created, new.stored(created.id));
    let roles = [(owner.id, Some(MemberRole::Owner)), (viewer.id, Some(MemberRole::Viewer)), (NOBODY, None)];
    for (reader, role) in roles {
        let found = ports.webhooks.find(created.id, reader).await.unwrap().unwrap();
        assert_eq!(found.webhook, created);
        assert_eq!((found.project.id, found.project.membership), (project.id, role), "{reader}");
        assert!(found.project.has_webhooks);
    }
}

/// A change, a deletion or a request that finds nothing is no error.
pub(super) async fn webhooks_that_do_not_exist_are_not_found(ports: &Ports) {
    let (project, _) = given::project_with_owner(ports).await;
    let webhook = given::webhook(ports, project.id).await;
    for id in [WebhookId::new(0), NO_WEBHOOK] {
        assert_eq!(find(ports, id).await, None);
        assert_eq!(ports.webhooks.save(webhook_change(id)).await.unwrap(), None);
        assert!(!ports.webhooks.delete(id, None).await.unwrap());
        assert!(!ports.webhooks.rotate(webhook_rotation(id)).await.unwrap());
        assert!(!ports.webhooks.ping(new_ping(id)).await.unwrap());
        assert_eq!(ports.webhooks.deliveries(id, PageRequest::default()).await.unwrap().items, []);
    }
    for id in [0, i64::MAX].map(DeliveryId::new) {
        assert_eq!(ports.webhooks.find_delivery(id, NOBODY).await.unwrap(), None);
        assert!(!ports.webhooks.retry(id, MOMENT, None).await.unwrap());
    }
    assert_eq!(list(ports, ProjectId::new(i64::MAX)).await, []);
    assert_eq!(list(ports, project.id).await, [webhook]);
}

/// Those that are not active, too.
pub(super) async fn webhooks_are_listed_by_project(ports: &Ports) {
    let (project, owner) = given::project_with_owner(ports).await;
    let other = given::project(ports, owner.id).await;
    let first = given::webhook(ports, project.id).await;
    let foreign = given::webhook(ports, other.id).await;
    let mut change = webhook_change(given::webhook(ports, project.id).await.id);
    change.is_active = Some(false);
    let second = ports.webhooks.save(change).await.unwrap().unwrap();
    assert_eq!(list(ports, project.id).await, [first, second]);
    assert_eq!(list(ports, other.id).await, [foreign]);
}

pub(super) async fn pages_of_webhooks_stay_consistent_while_rows_change(ports: &Ports) {
    let (project, owner) = given::project_with_owner(ports).await;
    let other = given::project(ports, owner.id).await;
    let create = async |project| {
        let mut new = new_webhook(project);
        new.quota = 1_000;
        ports.webhooks.create(new).await.unwrap().id.get()
    };
    walk_while_rows_change(
        async |request| ports.webhooks.list(project.id, request).await.unwrap().map(|webhook| webhook.id.get()),
        async || {
            create(other.id).await;
            create(project.id).await
        },
        async |id| assert!(ports.webhooks.delete(WebhookId::new(id), None).await.unwrap()),
    )
    .await;
}
