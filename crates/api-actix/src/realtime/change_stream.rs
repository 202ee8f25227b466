//! The change feed for one stream of events: `/changes/stream`.

use super::{
    Realtime,
    change_head::ChangeWait,
    close_reason::CloseReason,
    source::{Message, Pause, Source},
};
use crate::{api::Api, payload::change::ChangePayload};
use actix_web::web::Data;
use fasttrack_app::{Error, change::ReadChanges};
use fasttrack_domain::{
    change::{FeedChange, FeedCursor, FeedPage, FeedPosition, FeedReader},
    page::Limit,
    policy::Actor,
    token::AccessClaims,
};
use std::{time::Duration, vec};
use tokio::{task::JoinSet, time::Instant};

/// The name of the events.
const EVENT: &str = "change";

/// How old changes may be that were read and not delivered. Meanwhile the reader may lose what they are of: older ones are
/// read again.
const MAX_AGE: Duration = Duration::from_secs(1);

// @spec SPEC-026
/// The changes of a user's feed for one connection.
pub struct ChangeStream {
    api: Data<Api>,
    realtime: Data<Realtime>,
    actor: Actor,
    reader: FeedReader,
    wait: ChangeWait,
    page: Page,
    /// Where the changes that are not delivered begin: at the beginning of the feed where there is none.
    next: Option<FeedCursor>,
    /// The cursor that the client has.
    delivered: Option<FeedCursor>,
    /// Whether there are changes behind the page, as far as is known.
    has_more: bool,
    /// The read of the next page, if there is one. It goes on when something else happens at the connection, and also when its
    /// client takes nothing, so that it ends soon and others can read.
    reading: JoinSet<Read>,
    /// Why the stream can't go on.
    end: Option<CloseReason>,
    pause: Pause,
}

/// Changes that were read and not delivered: at most one page.
struct Page {
    rest: vec::IntoIter<FeedChange>,
    /// Where the page behind it begins.
    end: FeedPosition,
    read_at: Instant,
}

impl Page {
    fn new(changes: Vec<FeedChange>, end: FeedPosition, read_at: Instant) -> Self {
        Self { rest: changes.into_iter(), end, read_at }
    }

    fn is_empty(&self) -> bool {
        self.rest.as_slice().is_empty()
    }
}

impl ChangeStream {
    /// Reads the first page. The client has what was sent up to `since`.
    pub async fn start(
        api: &Data<Api>,
        realtime: &Data<Realtime>,
        actor: Actor,
        since: Option<FeedCursor>,
    ) -> Result<Self, Error> {
        let reader = FeedReader::new(&actor);
        // First the subscription, then the page: what comes in between is read in vain rather than never.
        let wait = realtime.changes.subscribe(&reader);
        let Read { at, page } = read(api.clone(), realtime.clone(), actor.clone(), since).await;
        let page = page?;
        let mut stream = Self {
            api: api.clone(),
            realtime: realtime.clone(),
            actor,
            reader,
            wait,
            has_more: page.has_more,
            page: Page::new(page.changes, page.next, at),
            next: since,
            delivered: since,
            reading: JoinSet::new(),
            end: None,
            pause: Pause::default(),
        };
        stream.skip_empty();
        Ok(stream)
    }

    /// Goes on behind a page without changes.
    fn skip_empty(&mut self) {
        if self.page.is_empty() {
            self.next = Some(self.reader.cursor(self.page.end));
        }
    }

    /// Reads the next page. Cancel safe: the next call waits for the same.
    async fn read(&mut self) {
        if self.reading.is_empty() {
            // What is published from here on is read once more.
            self.wait.latest();
            self.reading.spawn_local(read(self.api.clone(), self.realtime.clone(), self.actor.clone(), self.next));
        }
        match self.reading.join_next().await {
            Some(Ok(Read { page: Err(Error::CursorExpired(_)), .. })) => self.end = Some(CloseReason::CursorExpired),
            Some(Ok(Read { at, page })) => match self.realtime.changes.log(page) {
                Some(FeedPage { changes, next, has_more }) => {
                    self.page = Page::new(changes, next, at);
                    self.has_more = has_more;
                    self.skip_empty();
                }
                None => self.pause.begin(),
            },
            Some(Err(error)) => {
                tracing::error!(%error, "a read of changes has panicked");
                self.end = Some(CloseReason::Internal);
            }
            None => {}
        }
    }
}

impl Source for ChangeStream {
    async fn ready(&mut self) {
        loop {
            self.pause.over().await;
            if !self.page.is_empty() && self.page.read_at.elapsed() > MAX_AGE {
                self.page.rest = Vec::new().into_iter();
                self.has_more = true;
            }
            if self.has_messages() {
                return;
            }
            if !self.has_more && self.reading.is_empty() {
                self.wait.higher().await;
                self.has_more = true;
            }
            self.read().await;
        }
    }

    fn has_messages(&self) -> bool {
        self.end.is_some() || !self.page.is_empty()
    }

    async fn is_permitted(&mut self, claims: &AccessClaims) -> Result<bool, CloseReason> {
        self.pause.check(&self.api, claims).await
    }

    fn take(&mut self) -> Result<Option<Message>, CloseReason> {
        if let Some(reason) = self.end {
            return Err(reason);
        }
        let Some(change) = self.page.rest.next() else { return Ok(None) };
        let next = if self.page.is_empty() { self.page.end } else { change.next };
        let cursor = self.reader.cursor(next);
        match serde_json::to_string(&ChangePayload::from(change)) {
            Ok(json) => {
                self.next = Some(cursor);
                self.delivered = Some(cursor);
                Ok(Some(Message { id: Some(cursor.to_string()), event: Some(EVENT), json }))
            }
            Err(error) => {
                tracing::error!(%error, "a change could not be written as JSON");
                Err(CloseReason::Internal)
            }
        }
    }

    /// The feed goes on without changes for this user as well, and its old cursors expire: they are read behind now and then.
    fn position(&mut self) -> Option<String> {
        if self.page.end.seq < self.wait.latest_of_all() {
            self.has_more = true;
        }
        let is_behind = self.page.is_empty() && self.delivered != self.next;
        self.next.filter(|_| is_behind).map(|cursor| {
            self.delivered = Some(cursor);
            cursor.to_string()
        })
    }
}

/// A page that was read, and when.
struct Read {
    at: Instant,
    page: Result<FeedPage, Error>,
}

/// Reads a page, as soon as few others do.
async fn read(api: Data<Api>, realtime: Data<Realtime>, actor: Actor, cursor: Option<FeedCursor>) -> Read {
    let _permit = realtime.changes.permit().await;
    let page = api.use_cases.changes.read(ReadChanges { actor, cursor, limit: Limit::STREAM }).await;
    Read { at: Instant::now(), page }
}
