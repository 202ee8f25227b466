//! Which deliveries a dispatch adds.

use super::shared::{Ports, deliver, due, given_deliveries, lease, list};
use crate::{
    builders::{MOMENT, NOBODY, comment_removal, new_comment, new_webhook, webhook_change},
    given,
};
use fasttrack_domain::{
    comment::CommentRemoval,
    event::Change,
    page::{Limit, PageRequest},
    task::TaskView,
    webhook::{Delivery, DeliveryContent, DeliveryStatus, NewWebhook, WebhookChange, WebhookEventType, WebhookTypes},
};
use std::collections::HashSet;

/// Those of other projects get nothing.
pub(super) async fn each_active_webhook_gets_what_it_subscribes_to(ports: &Ports) {
    let (project, owner) = given::project_with_owner(ports).await;
    let other = given::project(ports, owner.id).await;
    let types = |types: &[WebhookEventType]| WebhookTypes::parse(types.to_vec()).unwrap();
    let create = async |types| ports.webhooks.create(NewWebhook { types, ..new_webhook(project.id) }).await.unwrap().id;
    let all = create(WebhookTypes::all()).await;
    let comments = create(types(&[WebhookEventType::CommentCreated, WebhookEventType::CommentDeleted])).await;
    let members = create(types(&[WebhookEventType::MemberAdded])).await;
    let inactive = create(WebhookTypes::all()).await;
    let foreign = given::webhook(ports, other.id).await.id;
    let change = WebhookChange { is_active: Some(false), ..webhook_change(inactive) };
    ports.webhooks.save(change).await.unwrap().unwrap();

    let task = given::task(ports, project.id).await;
    let found = ports.tasks.find(task.id, NOBODY).await.unwrap().unwrap();
    let comment = ports.comments.create(new_comment(&found, owner.id), None).await.unwrap();
    let removal = CommentRemoval { actor_id: owner.id, ..comment_removal(comment.id) };
    assert!(ports.comments.delete(removal).await.unwrap());
    deliver(ports).await;
    let kinds =
        async |webhook| list(ports, webhook).await.iter().map(|delivery| delivery.kind.as_str()).collect::<Vec<_>>();
    assert_eq!(kinds(all).await, ["task.created", "comment.created", "comment.deleted"]);
    assert_eq!(kinds(comments).await, ["comment.created", "comment.deleted"]);
    for webhook in [members, inactive, foreign] {
        assert_eq!(kinds(webhook).await, Vec::<&str>::new());
    }
}

/// Each delivery has a message id of its own, and is due at the time of the change.
pub(super) async fn a_delivery_has_the_content_of_its_change(ports: &Ports) {
    let (project, owner) = given::project_with_owner(ports).await;
    let webhook = given::webhook(ports, project.id).await;
    let second = given::webhook(ports, project.id).await;
    let task = given::task(ports, project.id).await;
    deliver(ports).await;
    let [delivery] = list(ports, webhook.id).await.try_into().unwrap();
    let expected = Delivery {
        id: delivery.id,
        webhook_id: webhook.id,
        kind: "task.created".parse().unwrap(),
        status: DeliveryStatus::Pending,
        attempts: 0,
        last_status: None,
        last_error: None,
        next_attempt_at: Some(MOMENT),
        created_at: MOMENT,
    };
    assert_eq!(delivery, expected);
    let found = ports.webhooks.find_delivery(delivery.id, owner.id).await.unwrap().unwrap();
    assert_eq!((found.delivery, found.webhook, found.project.id), (expected, webhook.clone(), project.id));

    assert_eq!(lease(ports, 0).await, [webhook.id, second.id]);
    let view: TaskView = ports.tasks.find(task.id, NOBODY).await.unwrap().unwrap().into();
    let mut messages = HashSet::new();
    for webhook in [webhook, second] {
        let [due] = due(ports, webhook.id, 0).await.try_into().unwrap();
        assert_eq!((due.webhook_id, due.failures), (webhook.id, 0));
        assert_eq!(due.url, webhook.url);
        let DeliveryContent::Change { actor, at, change } = due.content else { panic!("{:?}", due.content) };
        assert_eq!((actor.id, actor.display_name, at), (owner.id, owner.display_name.clone(), MOMENT));
        assert_eq!(*change, Change::TaskCreated(view.clone()));
        let digits = due.message_id.as_str().strip_prefix("msg_").unwrap();
        assert!(digits.len() == 32 && digits.bytes().all(|digit| digit.is_ascii_hexdigit()), "{digits}");
        assert!(messages.insert(due.message_id));
    }
}

pub(super) async fn pages_of_deliveries_have_the_newest_first(ports: &Ports) {
    let (_, webhook) = given_deliveries(ports, 7).await;
    let expected: Vec<_> = list(ports, webhook).await.into_iter().map(|delivery| delivery.id).rev().collect();
    assert_eq!(expected.len(), 7);
    let (mut seen, mut request) = (Vec::new(), PageRequest { limit: Limit::new(3).unwrap(), cursor: None });
    loop {
        let page = ports.webhooks.deliveries(webhook, request).await.unwrap();
        seen.extend(page.items.into_iter().map(|delivery| delivery.id));
        let Some(cursor) = page.next else { break };
        request.cursor = Some(cursor);
    }
    assert_eq!(seen, expected);
}
