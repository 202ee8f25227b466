//! What every kind of connection does alike: wait for a user's notifications, and see that they still may be told.

use super::{Realtime, farewell::Farewell, registry::Member};
use crate::{api::Api, payload::notification::MessagePayload};
use actix_web::web::Data;
use fasttrack_app::notification::follow::{Command, Following};
use fasttrack_domain::{
    notification::Notification,
    token::{AccessClaims, TokenError},
};
use std::{time::Duration, vec};
use tokio::time::{Instant, sleep_until};

/// How long to wait before storage is asked again that didn't answer.
const PAUSE: Duration = Duration::from_secs(1);

/// What an open connection delivers.
pub struct Delivery {
    /// To whom.
    pub member: Member,
    /// Of what.
    pub feed: Feed,
}

impl Delivery {
    /// Takes in a connection that delivers what follows notification `since`. The inner error is why it can't stay.
    pub async fn start(
        api: &Data<Api>,
        realtime: &Data<Realtime>,
        claims: AccessClaims,
        since: Option<i64>,
    ) -> Result<Result<Self, Farewell>, fasttrack_app::Error> {
        let user_id = claims.user_id;
        Ok(match realtime.registry.admit(claims) {
            Ok(member) => {
                let following = api.follow_notifications.execute(Command { user_id, since }).await?;
                Ok(Self { member, feed: Feed::new(api.clone(), realtime.clone(), following) })
            }
            Err(farewell) => Err(farewell),
        })
    }
}

// @spec SPEC-005
// @decision DEC-010
/// A user's notifications on their way into one connection.
pub struct Feed {
    api: Data<Api>,
    realtime: Data<Realtime>,
    following: Following,
    /// Read, but not delivered. No more than one batch.
    read: vec::IntoIter<Notification>,
    /// Not before.
    pause: Option<Instant>,
}

impl Feed {
    fn new(api: Data<Api>, realtime: Data<Realtime>, following: Following) -> Self {
        Self { api, realtime, following, read: Vec::new().into_iter(), pause: None }
    }

    /// Waits for something to deliver. May be dropped while it waits, and called again.
    pub async fn ready(&mut self) {
        loop {
            if let Some(until) = self.pause {
                sleep_until(until).await;
                self.pause = None;
            }
            if self.is_loaded() {
                return;
            }
            match self.following.next().await {
                Ok(notifications) => {
                    self.realtime.outage.over();
                    self.read = notifications.into_iter();
                }
                Err(error) => {
                    self.realtime.outage.on(&error);
                    self.pause = Some(Instant::now() + PAUSE);
                }
            }
        }
    }

    /// Whether something waits to be delivered.
    pub fn is_loaded(&self) -> bool {
        !self.read.as_slice().is_empty()
    }

    /// Whether the token that said this is good at this moment: a node that doesn't hear of revocations delivers
    /// nothing that it shouldn't. Where that can't be told, it isn't, for a while.
    pub async fn is_permitted(&mut self, claims: &AccessClaims) -> Result<bool, Farewell> {
        match self.api.verifier.recheck_access(claims, self.api.clock.now()).await {
            Ok(()) => Ok(true),
            Err(TokenError::Unavailable) => {
                self.pause = Some(Instant::now() + PAUSE);
                Ok(false)
            }
            Err(error) => Err(error.into()),
        }
    }

    /// The next notification's number, and what is sent of it.
    pub fn take(&mut self) -> Result<Option<(i64, String)>, Farewell> {
        let Some(notification) = self.read.next() else { return Ok(None) };
        let seq = notification.seq;
        match serde_json::to_string(&MessagePayload::from(notification)) {
            Ok(json) => Ok(Some((seq, json))),
            Err(error) => {
                tracing::error!(%error, seq, "a notification could not be written as JSON");
                Err(Farewell::Internal)
            }
        }
    }
}
