//! The notifications of a user for one WebSocket or event stream.

use super::{
    Realtime,
    change_hints::ChangeHints,
    close_reason::CloseReason,
    source::{Message, Pause, Source},
};
use crate::{api::Api, http::caller::Caller, payload::notification::MessagePayload};
use actix_web::web::Data;
use fasttrack_app::{
    Error,
    notification::{FollowNotifications, Following},
};
use fasttrack_domain::{notification::Notification, token::AccessClaims};
use std::{future::pending, vec};

// @spec SPEC-005
// @decision DEC-0009
/// The notifications of a user for one connection, and hints of changes where its client wants them.
pub struct NotificationSource {
    api: Data<Api>,
    realtime: Data<Realtime>,
    following: Following,
    hints: Option<ChangeHints>,
    /// Notifications that were read and not delivered: at most one batch.
    read: vec::IntoIter<Notification>,
    pause: Pause,
}

impl NotificationSource {
    /// Begins with the notifications after `since`. With `changes`, the client is sent hints of changes too.
    pub async fn start(
        api: &Data<Api>,
        realtime: &Data<Realtime>,
        claims: AccessClaims,
        since: Option<i64>,
        changes: bool,
    ) -> Result<Self, Error> {
        let user_id = claims.user_id;
        let following = api.use_cases.notifications.follow(FollowNotifications { user_id, since }).await?;
        let hints =
            if changes { Some(ChangeHints::start(api, realtime, &Caller(claims).actor()).await?) } else { None };
        let (api, realtime) = (api.clone(), realtime.clone());
        Ok(Self { api, realtime, following, hints, read: Vec::new().into_iter(), pause: Pause::default() })
    }

    /// Waits for notifications, or for a hint of changes: `None`. Cancel safe.
    async fn next(&mut self) -> Result<Option<Vec<Notification>>, Error> {
        let Self { following, hints, .. } = self;
        let hint = async {
            match hints {
                Some(hints) => hints.ready().await,
                None => pending().await,
            }
        };
        tokio::select! {
            biased;
            read = following.next() => read.map(Some),
            () = hint => Ok(None),
        }
    }
}

impl Source for NotificationSource {
    async fn ready(&mut self) {
        loop {
            self.pause.over().await;
            if self.has_messages() {
                return;
            }
            match self.next().await {
                Ok(Some(notifications)) => {
                    if self.realtime.outage.recovered() {
                        tracing::info!("can read notifications again");
                    }
                    self.read = notifications.into_iter();
                }
                Ok(None) => {}
                Err(error) => {
                    if self.realtime.outage.failed() {
                        tracing::warn!(error = &error as &dyn std::error::Error, "can't read notifications; retrying");
                    }
                    self.pause.begin();
                }
            }
        }
    }

    fn has_messages(&self) -> bool {
        !self.read.as_slice().is_empty() || self.hints.as_ref().is_some_and(ChangeHints::has_hint)
    }

    async fn is_permitted(&mut self, claims: &AccessClaims) -> Result<bool, CloseReason> {
        self.pause.check(&self.api, claims).await
    }

    fn take(&mut self) -> Result<Option<Message>, CloseReason> {
        let Some(notification) = self.read.next() else {
            return self.hints.as_mut().map_or(Ok(None), ChangeHints::take);
        };
        let seq = notification.seq;
        match serde_json::to_string(&MessagePayload::from(notification)) {
            Ok(json) => Ok(Some(Message { id: Some(seq.to_string()), event: None, json })),
            Err(error) => {
                tracing::error!(%error, seq, "a notification could not be written as JSON");
                Err(CloseReason::Internal)
            }
        }
    }
}
