//! Clients that follow the change feed and notifications.

use super::{
    answers::{self, next_cursor, notification},
    clients::{Client, Reply},
    message::Message,
    world::World,
};
use fasttrack_tests::{
    eventually,
    history::{Notification, Outcome, Request},
};
use serde_json::Value;
use std::{sync::Arc, time::Duration};
use tokio::{select, sync::watch, time::timeout};

/// How long a follower waits between two pages.
const BETWEEN_PAGES: Duration = Duration::from_millis(80);

/// How long a stream may take to open.
const OPENING: Duration = Duration::from_secs(3);

/// A client of the feed, with the cursor of its last page.
pub(super) struct Follower {
    pub(super) client: Client,
    cursor: Option<String>,
    limit: usize,
}

impl Follower {
    pub(super) fn new(client: Client, limit: usize) -> Self {
        Self { client, cursor: None, limit }
    }

    /// Reads pages until the load is over. Lists the notifications now and then.
    pub(super) async fn follow(mut self, world: Arc<World>) -> Self {
        while !world.is_over() {
            if self.read().await == Some(true) {
                continue;
            }
            match self.client.rng.u8(..20) {
                0 => self.client.move_on(),
                1 => {
                    self.client.list_notifications().await;
                }
                _ => {}
            }
            world.pause(BETWEEN_PAGES).await;
        }
        self
    }

    /// Reads all pages that there are.
    pub(super) async fn catch_up(&mut self) {
        eventually("the feed is read", async || self.read().await == Some(false)).await;
    }

    /// Reads a page, and returns whether there is more; `None` if it failed.
    async fn read(&mut self) -> Option<bool> {
        let since = self.cursor.clone();
        let query = since.as_ref().map(|cursor| format!("&since={cursor}")).unwrap_or_default();
        let message = Message::get(format!("/changes?limit={}{query}", self.limit));
        let Reply { outcome, .. } = self.client.send(Request::Changes { since }, message, answers::changes).await;
        let Outcome::Changes { cursor, has_more, .. } = outcome else { return None };
        self.cursor = Some(cursor);
        Some(has_more)
    }
}

impl Client {
    /// Lists all notifications.
    pub(super) async fn list_notifications(&mut self) -> Outcome {
        let session = self.session.clone().unwrap();
        let call = self.call(Some(session.caller), Request::ListNotifications).await;
        let outcome = self.all_notifications(&session.access_token).await;
        call.returned(outcome.clone());
        if outcome.is_unknown() {
            self.move_on();
        }
        outcome
    }

    async fn all_notifications(&self, token: &str) -> Outcome {
        let (mut notifications, mut query) = (Vec::new(), String::new());
        loop {
            let mut message = Message::get(format!("/notifications?limit=100{query}"));
            message.token = Some(token.to_owned());
            let answer = match self.site.wire.send(self.node, &message).await {
                Ok(answer) if answer.status == 200 => answer,
                Ok(answer) => return Outcome::Refused { status: answer.status, code: answer.code() },
                Err(why) => return Outcome::Unknown { why },
            };
            notifications.extend(answer.items().iter().map(notification));
            let Some(cursor) = next_cursor(&answer) else { break };
            query = format!("&cursor={cursor}");
        }
        notifications.reverse();
        Outcome::Notifications { notifications }
    }

    /// Follows the notifications over one stream after the other, until the load is over.
    pub(super) async fn follow_notifications(mut self, world: Arc<World>) {
        let mut last = 0;
        while !world.is_over() {
            let received = self.receive_notifications(last, world.over()).await;
            last = received.last().map_or(last, |notification| notification.seq);
            world.pause(BETWEEN_PAGES).await;
        }
    }

    /// Receives notifications over one stream until it ends.
    async fn receive_notifications(&mut self, since: i64, mut over: watch::Receiver<bool>) -> Vec<Notification> {
        let session = self.session.clone().unwrap();
        let call = self.call(Some(session.caller), Request::FollowNotifications { since: Some(since) }).await;
        let Some(client) = self.site.wire.nodes.client(self.node) else { return Vec::new() };
        let open = client.with_token(&session.access_token).get(format!("/events?since={since}")).try_stream();
        let Ok(Some(mut stream)) = timeout(OPENING, open).await else {
            self.move_on();
            return Vec::new();
        };
        let mut received = Vec::new();
        loop {
            let event = select! {
                _ = over.wait_for(|over| *over) => None,
                event = stream.try_next() => event,
            };
            let Some(fields) = event.filter(|fields| !fields.contains_key("event")) else { break };
            received.push(notification(&serde_json::from_str::<Value>(&fields["data"]).unwrap()));
        }
        call.returned(Outcome::Notifications { notifications: received.clone() });
        self.move_on();
        received
    }
}
