//! Attempts to send a delivery, and what they mean for its webhook.

use super::{DeliveryContent, MessageId, WebhookSecret, WebhookUrl};
use crate::{
    Timestamp,
    id::{DeliveryId, UserId, WebhookId},
    job::{JobPayload, NewJob},
};
use chrono::TimeDelta;

/// A webhook is ended after nothing but failures for so long.
pub const MAX_FAILING: TimeDelta = TimeDelta::days(5);

/// An attempt that takes longer is slow.
pub const SLOW_ATTEMPT: TimeDelta = TimeDelta::seconds(5);

/// A delivery to be attempted now, with where it goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DueDelivery {
    pub id: DeliveryId,
    pub webhook_id: WebhookId,
    pub url: WebhookUrl,
    /// The webhook's secrets, the newest first.
    pub secrets: Vec<WebhookSecret>,
    pub message_id: MessageId,
    pub content: DeliveryContent,
    /// The number of attempts that failed since the delivery was created, or since its owner requested it again.
    pub failures: u32,
}

/// What came of a delivery by an attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AttemptOutcome {
    Delivered,
    /// The delivery is attempted again at this time.
    Retry(Timestamp),
    /// It was the last attempt.
    Failed,
    /// The receiver answered that it is gone: the delivery has failed, and the webhook is ended.
    Gone,
}

/// An attempt that has ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attempt {
    pub delivery_id: DeliveryId,
    pub webhook_id: WebhookId,
    /// The time of its end.
    pub at: Timestamp,
    pub outcome: AttemptOutcome,
    /// The status of the answer, if there was one.
    pub status: Option<u16>,
    /// Why it failed, in one line; absent for one that succeeded.
    pub error: Option<String>,
    /// Whether it failed or took longer than [`SLOW_ATTEMPT`].
    pub is_slow: bool,
}

/// Why the server ended a webhook.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WebhookEnd {
    /// The receiver answered that it is gone.
    Gone,
    /// It failed for longer than [`MAX_FAILING`].
    Failing,
}

// @spec SPEC-025
impl Attempt {
    /// Whether the receiver accepted the delivery.
    pub const fn is_success(&self) -> bool {
        matches!(self.outcome, AttemptOutcome::Delivered)
    }

    /// Since when the webhook has been failing, where it was failing since `before`; `None` where it isn't.
    pub fn failing_since(&self, before: Option<Timestamp>) -> Option<Timestamp> {
        if self.is_success() { None } else { before.or(Some(self.at)) }
    }

    /// Whether this attempt ends a webhook that was failing since `before`.
    pub fn end(&self, before: Option<Timestamp>) -> Option<WebhookEnd> {
        match self.outcome {
            AttemptOutcome::Gone => Some(WebhookEnd::Gone),
            AttemptOutcome::Retry(_) | AttemptOutcome::Failed => {
                before.filter(|since| self.at - *since > MAX_FAILING).map(|_| WebhookEnd::Failing)
            }
            AttemptOutcome::Delivered => None,
        }
    }

    /// The mail about the end of the webhook to its project's owner; `None` where the receiver itself ended it.
    pub fn job(&self, end: WebhookEnd, owner_id: UserId) -> Option<NewJob> {
        let payload = JobPayload::WebhookEndedMail { user_id: owner_id, webhook_id: self.webhook_id };
        (end == WebhookEnd::Failing).then_some(NewJob { payload, created_at: self.at })
    }
}
