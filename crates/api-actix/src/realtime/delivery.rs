//! What WebSockets and event streams share: they wait for a user's notifications, and check the token before delivery.

use super::{Realtime, close_reason::CloseReason, registry::Member};
use crate::{api::Api, payload::notification::MessagePayload};
use actix_web::web::Data;
use fasttrack_app::notification::{FollowNotifications, Following};
use fasttrack_domain::{
    notification::Notification,
    token::{AccessClaims, TokenError},
};
use std::{time::Duration, vec};
use tokio::time::{Instant, sleep_until};

/// Pause before a failed read is retried.
const PAUSE: Duration = Duration::from_secs(1);

/// An open connection, and what it delivers.
pub struct Delivery {
    pub member: Member,
    pub feed: Feed,
}

impl Delivery {
    /// Registers a connection that delivers the notifications after `since`. The inner error is the reason to close it.
    pub async fn start(
        api: &Data<Api>,
        realtime: &Data<Realtime>,
        claims: AccessClaims,
        since: Option<i64>,
    ) -> Result<Result<Self, CloseReason>, fasttrack_app::Error> {
        let user_id = claims.user_id;
        Ok(match realtime.registry.register(claims) {
            Ok(member) => {
                let following = api.use_cases.notifications.follow(FollowNotifications { user_id, since }).await?;
                Ok(Self { member, feed: Feed::new(api.clone(), realtime.clone(), following) })
            }
            Err(reason) => Err(reason),
        })
    }
}

// @spec SPEC-005
// @decision DEC-0009
/// The notifications of a user for one connection.
pub struct Feed {
    api: Data<Api>,
    realtime: Data<Realtime>,
    following: Following,
    /// Notifications that were read and not delivered: at most one batch.
    read: vec::IntoIter<Notification>,
    /// The next read waits until this time, after a failed one.
    pause: Option<Instant>,
}

impl Feed {
    fn new(api: Data<Api>, realtime: Data<Realtime>, following: Following) -> Self {
        Self { api, realtime, following, read: Vec::new().into_iter(), pause: None }
    }

    /// Waits for notifications. Cancel safe.
    pub async fn ready(&mut self) {
        loop {
            if let Some(until) = self.pause {
                sleep_until(until).await;
                self.pause = None;
            }
            if self.has_notifications() {
                return;
            }
            match self.following.next().await {
                Ok(notifications) => {
                    if self.realtime.outage.recovered() {
                        tracing::info!("can read notifications again");
                    }
                    self.read = notifications.into_iter();
                }
                Err(error) => {
                    if self.realtime.outage.failed() {
                        tracing::warn!(error = &error as &dyn std::error::Error, "can't read notifications; retrying");
                    }
                    self.pause = Some(Instant::now() + PAUSE);
                }
            }
        }
    }

    /// Whether notifications wait to be delivered.
    pub fn has_notifications(&self) -> bool {
        !self.read.as_slice().is_empty()
    }

    /// Checks the token at the moment of delivery, since the connection may have missed a revocation. If it can't be
    /// checked now, nothing is delivered for a while.
    pub async fn is_permitted(&mut self, claims: &AccessClaims) -> Result<bool, CloseReason> {
        match self.api.verifier.recheck_access(claims, self.api.clock.now()).await {
            Ok(()) => Ok(true),
            Err(TokenError::Unavailable) => {
                self.pause = Some(Instant::now() + PAUSE);
                Ok(false)
            }
            Err(error) => Err(error.into()),
        }
    }

    /// Returns the number of the next notification, and its JSON.
    pub fn take(&mut self) -> Result<Option<(i64, String)>, CloseReason> {
        let Some(notification) = self.read.next() else { return Ok(None) };
        let seq = notification.seq;
        match serde_json::to_string(&MessagePayload::from(notification)) {
            Ok(json) => Ok(Some((seq, json))),
            Err(error) => {
                tracing::error!(%error, seq, "a notification could not be written as JSON");
                Err(CloseReason::Internal)
            }
        }
    }
}
