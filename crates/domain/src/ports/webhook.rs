//! Storage of webhooks and their deliveries, and what sends them.

use super::RepositoryError;
use crate::{
    Timestamp,
    audit::AuditEntry,
    field::Invalid,
    id::{DeliveryId, ProjectId, UserId, WebhookId},
    job::WorkerId,
    page::{Page, PageRequest},
    webhook::{
        Attempt, Delivery, DeliveryContent, DeliveryInProject, DueDelivery, MessageId, NewPing, NewWebhook, RetryAfter,
        Webhook, WebhookChange, WebhookEnd, WebhookInProject, WebhookRotation, WebhookSecret, WebhookUrl,
    },
};
use async_trait::async_trait;
use std::error::Error;

/// The number of webhooks and deliveries that operators watch.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct WebhookCounts {
    /// Pending deliveries whose time has come.
    pub waiting: u32,
    /// Active webhooks whose last attempt failed.
    pub failing: u32,
}

/// Stores webhooks and what was delivered. See the promises of [`ports`](super).
///
/// As long as a project has an active webhook, the methods that change it or something in it commit
/// [`ProjectChanged`](crate::event::ProjectChanged) events with the change, one for each changed thing: its content is
/// read after the change, for a deletion before it. A deleted project, an erasure, a given reminder and a changed label
/// record none.
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait WebhookRepository: Send + Sync {
    /// Creates an active webhook.
    ///
    /// - `Conflict` with [`constraint::REFERENCE`](super::constraint::REFERENCE) if the project doesn't exist.
    /// - `Conflict` with [`constraint::QUOTA`](super::constraint::QUOTA) if the project has [`NewWebhook::quota`] webhooks.
    ///   Concurrent calls can't exceed it.
    async fn create(&self, webhook: NewWebhook) -> Result<Webhook, RepositoryError>;

    /// Returns the webhook and its project with the role of `reader`, from one snapshot.
    async fn find(&self, id: WebhookId, reader: UserId) -> Result<Option<WebhookInProject>, RepositoryError>;

    /// Returns a page of the project's webhooks, which is empty if the project doesn't exist. This is one query by an
    /// index.
    async fn list(&self, project: ProjectId, page: PageRequest) -> Result<Page<Webhook>, RepositoryError>;

    /// Saves the fields that change, and returns the webhook as it is then; `Ok(None)` if it doesn't exist. A webhook that
    /// is deactivated fails its pending deliveries with [`Delivery::INACTIVE`]. One that is activated or gets another URL is
    /// no longer failing or slow.
    async fn save(&self, change: WebhookChange) -> Result<Option<Webhook>, RepositoryError>;

    /// Deletes the webhook, and commits the audit entry with that. `Ok(false)` if it doesn't exist. Many deliveries are
    /// deleted in portions before: where the call fails, some of them may be deleted.
    async fn delete(&self, id: WebhookId, audit: Option<AuditEntry>) -> Result<bool, RepositoryError>;

    /// Stores another secret. The present one signs along with it until [`WebhookRotation::previous_until`], an older one
    /// no more. `Ok(false)` if the webhook doesn't exist.
    async fn rotate(&self, rotation: WebhookRotation) -> Result<bool, RepositoryError>;

    /// Creates a delivery of a ping, which is due at once. `Ok(false)` if the webhook doesn't exist or is not active.
    /// `Conflict` with [`constraint::QUOTA`](super::constraint::QUOTA) if it has [`NewPing::quota`] pending pings.
    /// Concurrent calls can't exceed it.
    async fn ping(&self, ping: NewPing) -> Result<bool, RepositoryError>;

    /// Returns a page of the webhook's deliveries, the newest first. This is one query by an index.
    async fn deliveries(&self, id: WebhookId, page: PageRequest) -> Result<Page<Delivery>, RepositoryError>;

    /// Returns the delivery, its webhook and its project with the role of `reader`, from one snapshot.
    async fn find_delivery(&self, id: DeliveryId, reader: UserId)
    -> Result<Option<DeliveryInProject>, RepositoryError>;

    /// Makes the delivery due at `at`, with the same message id, and commits the audit entry with that. One that was
    /// delivered or failed becomes pending again, with no [`failures`](DueDelivery::failures); its attempts count on.
    /// `Ok(false)` if it doesn't exist or its webhook is not active.
    async fn retry(&self, id: DeliveryId, at: Timestamp, audit: Option<AuditEntry>) -> Result<bool, RepositoryError>;

    /// Deletes deliveries that were delivered or failed before `before`, the oldest first, and returns their number. Each
    /// call deletes no more than about `limit`: if as many were deleted, there may be others.
    async fn delete_ended(&self, before: Timestamp, limit: u32) -> Result<u64, RepositoryError>;

    /// Counts at `now`. It reads `limit` rows of each kind at most, so that its duration is bounded.
    async fn counts(&self, now: Timestamp, limit: u32) -> Result<WebhookCounts, RepositoryError>;
}

/// The number of webhooks that a worker can send for at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WebhookSlots {
    /// Maximum number of all webhooks.
    pub all: u32,
    /// Maximum number of those that are [slow](LeasedWebhook::is_slow).
    pub slow: u32,
}

/// A webhook leased by a worker. No other worker sends for it until the lease ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LeasedWebhook {
    pub id: WebhookId,
    /// Whether its last attempt was [slow](Attempt::is_slow) or failed.
    pub is_slow: bool,
}

/// What became of a webhook by an attempt that was recorded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Recorded {
    /// The webhook goes on.
    Stored,
    /// The webhook was ended.
    Ended(WebhookEnd),
    /// Nothing was recorded: the lease is no longer the worker's, or the delivery is gone or no longer pending.
    Lost,
}

/// The deliveries to be sent, queued by webhook: one worker sends for a webhook at a time, and another one takes over when
/// its lease ends.
///
/// [`Outbox::dispatch`](super::outbox::Outbox::dispatch) and [`WebhookRepository`] add deliveries, each with a new random
/// [`MessageId`]. A webhook is due as soon as one of its pending deliveries is.
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait WebhookQueue: Send + Sync {
    /// Leases due webhooks to `worker` until `until`, as many as there are `places`: those that have been due for longest
    /// first.
    ///
    /// - Concurrent calls never lease the same webhook.
    /// - A webhook whose lease has ended can be leased again.
    async fn lease(
        &self,
        worker: WorkerId,
        now: Timestamp,
        until: Timestamp,
        places: WebhookSlots,
    ) -> Result<Vec<LeasedWebhook>, RepositoryError>;

    /// Returns up to `limit` deliveries of a leased webhook that are due at `now`, the longest due first: of each
    /// [subject](crate::webhook::DeliverySubject) only the oldest one that is due. One that was never attempted is due up
    /// to two seconds before its time. They stay due until their attempt is recorded. Secrets are those that sign at `now`.
    /// `Ok(None)` if the lease is no longer `worker`'s.
    ///
    /// A delivery whose content can't be read is logged, and has failed.
    async fn due(
        &self,
        webhook: WebhookId,
        worker: WorkerId,
        now: Timestamp,
        limit: u32,
    ) -> Result<Option<Vec<DueDelivery>>, RepositoryError>;

    /// Records an attempt, and what [`Attempt::failing_since`] and [`Attempt::end`] make of its webhook. One that is ended
    /// is no longer active; this delivery has failed, the other pending ones fail with [`Delivery::ENDED`], and
    /// [`Attempt::job`] is queued for the project's owner.
    async fn record(&self, worker: WorkerId, attempt: Attempt) -> Result<Recorded, RepositoryError>;

    /// Extends `worker`'s leases of these webhooks until `until`. Leases that are no longer its own are unchanged.
    async fn extend(&self, webhooks: Vec<WebhookId>, worker: WorkerId, until: Timestamp)
    -> Result<(), RepositoryError>;

    /// Releases the lease of a webhook, which is due again when the earliest of its pending deliveries is. Where that is
    /// due already, the webhook has been due since `now`: it goes behind those that waited. `Ok(false)` if the lease is no
    /// longer `worker`'s.
    async fn release(&self, webhook: WebhookId, worker: WorkerId, now: Timestamp) -> Result<bool, RepositoryError>;

    /// Releases every lease of `worker` as [`release`](Self::release) does, and returns their number.
    async fn release_all(&self, worker: WorkerId, now: Timestamp) -> Result<u64, RepositoryError>;

    /// Waits until a webhook became due through this adapter since the last call returned. What another process did is not
    /// noticed, so that callers poll too.
    async fn wait(&self);
}

/// A message to send.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WebhookRequest {
    pub url: WebhookUrl,
    /// The `webhook-id` header.
    pub message_id: MessageId,
    /// The `webhook-timestamp` header, in whole seconds.
    pub timestamp: Timestamp,
    /// The body, in JSON.
    pub body: String,
    /// One signature each goes into the `webhook-signature` header, in this order.
    pub secrets: Vec<WebhookSecret>,
}

/// A receiver's answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WebhookResponse {
    pub status: u16,
    pub retry_after: Option<RetryAfter>,
}

/// Why a message was not answered, in one line that the webhook's owner may read. It contains no secret, no query of the
/// URL, and no address of an inner network.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct SendError(pub String);

/// Sends messages to webhooks, signed as Standard Webhooks has it.
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait WebhookTransport: Send + Sync {
    /// Sends a message and reads the answer, within 15 seconds. Redirects are not followed: they are answers. No connection
    /// is opened to an address that the operator doesn't allow, whatever the host's name resolves to.
    async fn send(&self, request: WebhookRequest) -> Result<WebhookResponse, SendError>;
}

/// Decides which URLs a webhook may have.
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait EndpointPolicy: Send + Sync {
    /// Refuses a URL that is malformed, is not https, has credentials, or whose host is a forbidden address. Plain http
    /// needs an address in a network that the operator allows: a name is resolved, within 2 seconds. A name of https is
    /// not: [`WebhookTransport::send`] checks the addresses.
    async fn check(&self, url: &WebhookUrl) -> Result<(), Invalid>;
}

/// A content can't be written as a body.
#[derive(Debug, thiserror::Error)]
#[error("the content can't be encoded")]
pub struct EncodeError(#[source] pub Box<dyn Error + Send + Sync>);

/// Writes the bodies of messages.
#[cfg_attr(feature = "mock", mockall::automock)]
pub trait DeliveryEncoder: Send + Sync {
    /// Writes a body of at most 20 KiB, with the payloads that the API has. A long description or comment is cut.
    fn encode(&self, content: &DeliveryContent) -> Result<String, EncodeError>;
}
