//! Server-Sent Events: `/events`, for clients without WebSockets, and `/changes/stream`.

use super::{
    Realtime,
    close_reason::{CloseEvent, CloseReason},
    connection_log::ConnectionLog,
    source::{Delivery, Source},
};
use crate::http::watched::ClientInput;
use actix_web::{
    HttpRequest, HttpResponse,
    body::BodyStream,
    http::header::{CACHE_CONTROL, HeaderName, HeaderValue},
    web::{Bytes, Data},
};
use futures_util::{Stream, stream};
use std::{convert::Infallible, rc::Rc, time::Duration};
use tokio::time::{Instant, sleep_until};

/// Turns off buffering in nginx.
const X_ACCEL_BUFFERING: HeaderName = HeaderName::from_static("x-accel-buffering");

/// Milliseconds after which a client reconnects.
const RETRY: u32 = 2_000;

/// Events are joined into chunks of about as many bytes. While the connection's buffer of 32 KiB is full, no more are read.
const CHUNK: usize = 4 * 1024;

/// Answers with a stream of messages, or with just the reason for closing. It ends when its client ends its input.
pub fn open<S: Source + 'static>(
    request: &HttpRequest,
    realtime: &Data<Realtime>,
    content: Result<Delivery<S>, CloseReason>,
    log: ConnectionLog,
) -> HttpResponse {
    let input = request.conn_data::<Rc<ClientInput>>().cloned().unwrap_or_default();
    input.discard();
    HttpResponse::Ok()
        .content_type("text/event-stream; charset=utf-8")
        .insert_header((CACHE_CONTROL, HeaderValue::from_static("no-store")))
        .insert_header((X_ACCEL_BUFFERING, HeaderValue::from_static("no")))
        .body(BodyStream::new(chunks(Events::new(realtime.config.ping_interval, content, log, input))))
}

fn chunks<S: Source>(events: Events<S>) -> impl Stream<Item = Result<Bytes, Infallible>> {
    stream::unfold(Box::new(events), async |mut events| {
        let chunk = events.next().await?;
        Some((Ok(chunk.into()), events))
    })
}

/// An open stream of events.
struct Events<S> {
    phase: Phase<S>,
    log: ConnectionLog,
    input: Rc<ClientInput>,
    heartbeat_interval: Duration,
    next_heartbeat: Instant,
}

enum Phase<S> {
    /// Nothing was sent.
    New(Result<Box<Delivery<S>>, CloseReason>),
    /// Messages are delivered.
    Open(Box<Delivery<S>>),
    /// The event `close` is to be sent.
    Closing(CloseReason),
    Closed,
}

impl<S: Source> Events<S> {
    fn new(
        heartbeat_interval: Duration,
        content: Result<Delivery<S>, CloseReason>,
        log: ConnectionLog,
        input: Rc<ClientInput>,
    ) -> Self {
        let phase = Phase::New(content.map(Box::new));
        Self { phase, log, input, heartbeat_interval, next_heartbeat: Instant::now() + heartbeat_interval }
    }

    /// Waits for the next events; `None` at the end.
    async fn next(&mut self) -> Option<String> {
        loop {
            match std::mem::replace(&mut self.phase, Phase::Closed) {
                Phase::New(content) => {
                    self.phase = content.map_or_else(Phase::Closing, Phase::Open);
                    return Some(format!("retry: {RETRY}\n\n"));
                }
                Phase::Open(mut delivery) => {
                    let input = Rc::clone(&self.input);
                    let events = tokio::select! {
                        biased;
                        () = input.end() => {
                            self.log.closed_by_client(None);
                            return None;
                        }
                        events = self.deliver(&mut delivery) => events,
                    };
                    match events {
                        Ok(events) => {
                            self.phase = Phase::Open(delivery);
                            return Some(events);
                        }
                        Err(reason) => self.phase = Phase::Closing(reason),
                    }
                }
                Phase::Closing(reason) => {
                    self.log.closed_by_server(reason);
                    let data = serde_json::to_string(&CloseEvent::from(reason)).ok()?;
                    return Some(format!("event: close\ndata: {data}\n\n"));
                }
                Phase::Closed => return None,
            }
        }
    }

    async fn deliver(&mut self, Delivery { member, source }: &mut Delivery<S>) -> Result<String, CloseReason> {
        loop {
            tokio::select! {
                biased;
                reason = member.closed() => return Err(reason),
                () = source.ready() => {
                    if source.is_permitted(member.claims()).await? {
                        let mut events = String::new();
                        while events.len() < CHUNK && let Some(message) = source.take()? {
                            message.write_event(&mut events);
                            self.log.sent();
                        }
                        return Ok(events);
                    }
                }
                () = sleep_until(self.next_heartbeat) => {
                    self.next_heartbeat = Instant::now() + self.heartbeat_interval;
                    // A position without data is no event for the client, which keeps it all the same.
                    return Ok(source.position().map_or_else(|| ":\n\n".to_owned(), |id| format!("id: {id}\n\n")));
                }
            }
        }
    }
}
