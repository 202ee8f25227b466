//! Server-Sent Events: `/events`, for clients without WebSockets.

use super::{
    Realtime,
    close_reason::{CloseEvent, CloseReason},
    connection_log::ConnectionLog,
    delivery::Delivery,
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

/// Turns off buffering in nginx.
const X_ACCEL_BUFFERING: HeaderName = HeaderName::from_static("x-accel-buffering");

/// Milliseconds after which a client reconnects.
const RETRY: u32 = 2_000;

/// Events are joined into chunks of about as many bytes. While a chunk waits in the connection's buffer, no more are
/// read.
const CHUNK: usize = 4 * 1024;

/// Answers with a stream of notifications, or with just the reason for closing. It ends when its client ends its input.
pub fn open(
    request: &HttpRequest,
    realtime: &Data<Realtime>,
    content: Result<Delivery, CloseReason>,
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

fn chunks(events: Events) -> impl Stream<Item = Result<Bytes, Infallible>> {
    stream::unfold(Box::new(events), async |mut events| {
        let chunk = events.next().await?;
        Some((Ok(chunk.into()), events))
    })
}

/// An open stream of events.
struct Events {
    phase: Phase,
    log: ConnectionLog,
    input: Rc<ClientInput>,
    heartbeat_interval: Duration,
    next_heartbeat: Instant,
}

enum Phase {
    /// Nothing was sent.
    New(Result<Box<Delivery>, CloseReason>),
    /// Notifications are delivered.
    Open(Box<Delivery>),
    /// The event `close` is to be sent.
    Closing(CloseReason),
    Closed,
}

impl Events {
    fn new(
        heartbeat_interval: Duration,
        content: Result<Delivery, CloseReason>,
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

    async fn deliver(&mut self, Delivery { member, feed }: &mut Delivery) -> Result<String, CloseReason> {
        loop {
            tokio::select! {
                biased;
                reason = member.closed() => return Err(reason),
                () = feed.ready() => {
                    if feed.is_permitted(member.claims()).await? {
                        let mut events = String::new();
                        while events.len() < CHUNK && let Some((seq, json)) = feed.take()? {
                            // Writing to a string can't fail. JSON has no line breaks of its own.
                            let _ = write!(events, "id: {seq}\ndata: {json}\n\n");
                            self.log.sent();
                        }
                        return Ok(events);
                    }
                }
                () = sleep_until(self.next_heartbeat) => {
                    self.next_heartbeat = Instant::now() + self.heartbeat_interval;
                    return Ok(":\n\n".to_owned());
                }
            }
        }
    }
}
