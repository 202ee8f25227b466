//! Webhooks of projects, and what they deliver. [`WebhookSender`] sends it.

mod create;
mod delete;
mod deliver;
mod get;
mod list;
mod list_deliveries;
mod retry_delivery;
mod rotate;
mod test;
mod update;

pub use create::{CreateWebhook, CreatedWebhook};
pub use delete::DeleteWebhook;
pub use deliver::{DeliveryAttempted, MAX_IN_FLIGHT, WebhookDeliveries, WebhookSender};
pub use list::ListWebhooks;
pub use list_deliveries::ListDeliveries;
pub use retry_delivery::RetryDelivery;
pub use rotate::RotateWebhook;
pub use test::TestWebhook;
pub use update::UpdateWebhook;

use crate::{Error, Ports};
use fasttrack_domain::{
    id::WebhookId,
    policy::{Actor, ProjectAction},
    ports::{
        clock::Clock,
        secret::SecretSource,
        task::TaskRepository,
        webhook::{EndpointPolicy, WebhookRepository},
    },
    webhook::{Webhook, WebhookUrl},
};
use std::sync::Arc;

#[derive(Clone)]
pub struct Webhooks {
    pub webhooks: Arc<dyn WebhookRepository>,
    pub tasks: Arc<dyn TaskRepository>,
    pub endpoint_policy: Arc<dyn EndpointPolicy>,
    pub secrets: Arc<dyn SecretSource>,
    pub clock: Arc<dyn Clock>,
}

impl Webhooks {
    pub(crate) fn new(ports: &Ports) -> Self {
        Self {
            webhooks: ports.repositories.webhooks.clone(),
            tasks: ports.repositories.tasks.clone(),
            endpoint_policy: ports.endpoint_policy.clone(),
            secrets: ports.secrets.clone(),
            clock: ports.clock.clone(),
        }
    }

    /// The webhook, if `actor` may manage its project.
    async fn find(&self, id: WebhookId, actor: &Actor) -> Result<Webhook, Error> {
        let found = self.webhooks.find(id, actor.id).await?.ok_or(MISSING)?;
        actor.authorize(found.project.action(ProjectAction::Manage))?;
        Ok(found.webhook)
    }

    /// Refuses a URL that nothing may be sent to.
    async fn check_url(&self, url: &WebhookUrl) -> Result<(), Error> {
        self.endpoint_policy.check(url).await.map_err(|invalid| Error::Validation(vec![invalid.at("url")]))
    }
}

const MISSING: Error = Error::NotFound("webhook");

#[cfg(test)]
impl Webhooks {
    /// Returns mocks that expect no call. A test replaces those that it needs.
    pub(crate) fn mocked() -> Self {
        use fasttrack_domain::ports::{
            secret::MockSecretSource,
            task::MockTaskRepository,
            webhook::{MockEndpointPolicy, MockWebhookRepository},
        };
        Self {
            webhooks: Arc::new(MockWebhookRepository::new()),
            tasks: Arc::new(MockTaskRepository::new()),
            endpoint_policy: Arc::new(MockEndpointPolicy::new()),
            secrets: Arc::new(MockSecretSource::new()),
            clock: crate::fixtures::clock(),
        }
    }
}

#[cfg(test)]
pub(crate) mod fixtures {
    use crate::fixtures::{at, membership, parsed, project, task_project};
    use fasttrack_domain::{
        field::Invalid,
        id::{DeliveryId, WebhookId},
        ports::{
            secret::MockSecretSource,
            task::MockTaskRepository,
            webhook::{MockEndpointPolicy, MockWebhookRepository},
        },
        task::TaskProject,
        webhook::{Delivery, DeliveryStatus, DeliveryType, Webhook, WebhookInProject, WebhookSecret, WebhookTypes},
    };
    use std::sync::Arc;

    /// An active webhook of that project.
    pub(crate) fn webhook() -> Webhook {
        Webhook {
            id: WebhookId::new(3),
            project_id: project().id,
            url: parsed("https://example.org/hook?key=s3cret"),
            types: WebhookTypes::all(),
            is_active: true,
            created_at: at(0),
            updated_at: at(0),
        }
    }

    /// A ping of that webhook that failed.
    pub(crate) fn delivery() -> Delivery {
        Delivery {
            id: DeliveryId::new(11),
            webhook_id: webhook().id,
            kind: DeliveryType::Ping,
            status: DeliveryStatus::Failed,
            attempts: 8,
            last_status: Some(500),
            last_error: Some("the receiver answered 500".to_owned()),
            next_attempt_at: None,
            created_at: at(0),
        }
    }

    /// Expects one look-up of webhook 3 for each of `looks`, in their order.
    pub(super) fn finding(looks: impl IntoIterator<Item = Option<Webhook>>) -> MockWebhookRepository {
        let mut webhooks = MockWebhookRepository::new();
        for found in looks {
            webhooks.expect_find().times(1).withf(|id, _| id.get() == 3).return_once(move |_, reader| {
                let project = TaskProject { membership: membership(reader), ..task_project() };
                Ok(found.map(|webhook| WebhookInProject { webhook, project }))
            });
        }
        webhooks
    }

    /// Expects one look-up of the project, which is there or not.
    pub(super) fn finding_project(is_there: bool) -> Arc<MockTaskRepository> {
        let mut tasks = MockTaskRepository::new();
        tasks.expect_find_project().times(1).withf(|id, _| *id == task_project().id).return_once(move |_, reader| {
            Ok(is_there.then(|| TaskProject { membership: membership(reader), ..task_project() }))
        });
        Arc::new(tasks)
    }

    /// Expects one check of a URL.
    pub(super) fn judging(judgment: Result<(), Invalid>) -> Arc<MockEndpointPolicy> {
        let mut policy = MockEndpointPolicy::new();
        policy.expect_check().times(1).return_once(|_| judgment);
        Arc::new(policy)
    }

    pub(super) fn secret() -> WebhookSecret {
        WebhookSecret::new([7; 32])
    }

    /// Expects that one secret is drawn.
    pub(super) fn drawing() -> Arc<MockSecretSource> {
        let mut secrets = MockSecretSource::new();
        secrets.expect_draw_webhook_secret().times(1).return_once(secret);
        Arc::new(secrets)
    }
}
