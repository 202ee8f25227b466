//! Hints that the change feed has something new: for WebSockets and event streams with `?changes=true`.

use super::{Realtime, change_head::ChangeWait, close_reason::CloseReason, source::Message};
use crate::{api::Api, payload::change::ChangesHintPayload};
use fasttrack_app::Error;
use fasttrack_domain::{
    change::{FeedPosition, FeedReader},
    policy::Actor,
};
use std::time::Duration;
use tokio::time::{Instant, sleep_until};

/// Minimum time between two hints.
const PERIOD: Duration = Duration::from_secs(1);

// @spec SPEC-026
/// The hints for one connection. Each says that the feed of the user may have changed since the one before, or since the
/// connection was opened. It reads nothing: what woke it names the users to whom a change matters.
pub struct ChangeHints {
    reader: FeedReader,
    wait: ChangeWait,
    /// The latest number that the client knows of.
    seq: i64,
    /// Whether the feed has gone on since.
    is_due: bool,
    /// The next hint waits until this time.
    next: Instant,
    has_hint: bool,
}

impl ChangeHints {
    /// Begins to wait for changes after those that are there.
    pub async fn start(api: &Api, realtime: &Realtime, actor: &Actor) -> Result<Self, Error> {
        let reader = FeedReader::new(actor);
        // First the subscription, then the number: what comes in between is told in vain rather than never.
        let wait = realtime.changes.subscribe(&reader);
        let seq = api.use_cases.changes.head().await?;
        Ok(Self { reader, wait, seq, is_due: false, next: Instant::now(), has_hint: false })
    }

    /// Whether a hint waits to be delivered.
    pub fn has_hint(&self) -> bool {
        self.has_hint
    }

    /// Waits for a hint. Cancel safe.
    pub async fn ready(&mut self) {
        while !self.has_hint {
            if !self.is_due {
                self.wait.higher().await;
                self.is_due = true;
            }
            sleep_until(self.next).await;
            let latest = self.wait.latest();
            self.is_due = false;
            self.has_hint = latest > self.seq;
            self.seq = latest.max(self.seq);
        }
    }

    /// Returns the hint that waits.
    pub fn take(&mut self) -> Result<Option<Message>, CloseReason> {
        if !self.has_hint {
            return Ok(None);
        }
        self.has_hint = false;
        self.next = Instant::now() + PERIOD;
        let cursor = self.reader.cursor(FeedPosition::after(self.seq));
        match serde_json::to_string(&ChangesHintPayload::from(cursor)) {
            Ok(json) => Ok(Some(Message { id: None, event: None, json })),
            Err(error) => {
                tracing::error!(%error, "a hint of changes could not be written as JSON");
                Err(CloseReason::Internal)
            }
        }
    }
}
