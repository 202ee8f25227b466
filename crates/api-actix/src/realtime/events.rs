//! Server-Sent Events: `/events`, for clients that can't have a WebSocket.

use super::{
    Realtime,
    delivery::Delivery,
    farewell::{CloseEvent, Farewell},
    stay::Stay,
};
use crate::http::watched::ClientInput;
use actix_web::{
    HttpRequest, HttpResponse,
    body::BodyStream,
    http::header::{CACHE_CONTROL, HeaderName, HeaderValue},
    web::{Bytes, Data},
};
use futures_util::{Stream, stream};
use std::{convert::Infallible, fmt::Write, rc::Rc, time::Duration};
use tokio::time::{Instant, sleep_until};

/// What makes nginx hand on each event when it comes.
const X_ACCEL_BUFFERING: HeaderName = HeaderName::from_static("x-accel-buffering");

/// How long a client waits before it connects again, in milliseconds.
const RETRY: u32 = 2_000;

/// About as many bytes are handed on at once. What isn't taken waits in the connection's buffer, and no more is read.
const CHUNK: usize = 4 * 1024;

/// Answers with a stream of what there is to deliver, or of the reason to end at once. It ends with its client's input.
pub fn open(
    request: &HttpRequest,
    realtime: &Data<Realtime>,
    content: Result<Delivery, Farewell>,
    stay: Stay,
) -> HttpResponse {
    let input = request.conn_data::<Rc<ClientInput>>().cloned().unwrap_or_default();
    input.discard();
    HttpResponse::Ok()
        .content_type("text/event-stream; charset=utf-8")
        .insert_header((CACHE_CONTROL, HeaderValue::from_static("no-store")))
        .insert_header((X_ACCEL_BUFFERING, HeaderValue::from_static("no")))
        .body(BodyStream::new(chunks(Events::new(realtime.config.ping_interval, content, stay, input))))
}

fn chunks(events: Events) -> impl Stream<Item = Result<Bytes, Infallible>> {
    stream::unfold(Box::new(events), async |mut events| {
        let chunk = events.next().await?;
        Some((Ok(chunk.into()), events))
    })
}

/// An open stream of events.
struct Events {
    phase: Phase,
    stay: Stay,
    input: Rc<ClientInput>,
    beat_interval: Duration,
    next_beat: Instant,
}

enum Phase {
    /// Nothing was sent yet.
    New(Result<Box<Delivery>, Farewell>),
    /// Notifications are delivered.
    Open(Box<Delivery>),
    /// The reason is yet to be sent.
    Ending(Farewell),
    /// Nothing comes any more.
    Over,
}

impl Events {
    fn new(beat_interval: Duration, content: Result<Delivery, Farewell>, stay: Stay, input: Rc<ClientInput>) -> Self {
        let phase = Phase::New(content.map(Box::new));
        Self { phase, stay, input, beat_interval, next_beat: Instant::now() + beat_interval }
    }

    /// Waits for the next events; `None` at the end.
    async fn next(&mut self) -> Option<String> {
        loop {
            match std::mem::replace(&mut self.phase, Phase::Over) {
                Phase::New(content) => {
                    self.phase = content.map_or_else(Phase::Ending, Phase::Open);
                    return Some(format!("retry: {RETRY}\n\n"));
                }
                Phase::Open(mut delivery) => {
                    let input = Rc::clone(&self.input);
                    let events = tokio::select! {
                        biased;
                        () = input.end() => {
                            self.stay.is_left(None);
                            return None;
                        }
                        events = self.deliver(&mut delivery) => events,
                    };
                    match events {
                        Ok(events) => {
                            self.phase = Phase::Open(delivery);
                            return Some(events);
                        }
                        Err(farewell) => self.phase = Phase::Ending(farewell),
                    }
                }
                Phase::Ending(farewell) => {
                    self.stay.ends(farewell);
                    let data = serde_json::to_string(&CloseEvent::from(farewell)).ok()?;
                    return Some(format!("event: close\ndata: {data}\n\n"));
                }
                Phase::Over => return None,
            }
        }
    }

    async fn deliver(&mut self, Delivery { member, feed }: &mut Delivery) -> Result<String, Farewell> {
        loop {
            tokio::select! {
                biased;
                farewell = member.told() => return Err(farewell),
                () = feed.ready() => {
                    if feed.is_permitted(member.claims()).await? {
                        let mut events = String::new();
                        while events.len() < CHUNK && let Some((seq, json)) = feed.take()? {
                            // Into a string it can't fail. JSON has no line breaks of its own.
                            let _ = write!(events, "id: {seq}\ndata: {json}\n\n");
                            self.stay.sent();
                        }
                        return Ok(events);
                    }
                }
                () = sleep_until(self.next_beat) => {
                    self.next_beat = Instant::now() + self.beat_interval;
                    return Ok(":\n\n".to_owned());
                }
            }
        }
    }
}
