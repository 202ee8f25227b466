//! A WebSocket: `/ws`.
//!
//! What it sends is the body of its response, which the HTTP connection pulls from: besides that connection it has
//! neither a task nor a channel, which is what most of its memory would be.

use super::{
    Realtime,
    delivery::Delivery,
    farewell::Farewell,
    inbox::{Inbound, Inbox},
    outbox::Outbox,
    stay::Stay,
};
use actix_web::{
    FromRequest, HttpRequest, HttpResponse,
    body::{BodyStream, MessageBody},
    dev::Payload,
    web::{self, Bytes},
};
use futures_util::{Stream, stream};
use std::time::Duration;
use tokio::time::{Instant, sleep_until, timeout};

/// The subprotocol that is selected where a client offers it.
const PROTOCOL: &str = "fasttrack";

/// How long a client may hold up what it is sent.
const PATIENCE: Duration = Duration::from_secs(10);

/// How long a client has to answer a close frame.
const GOODBYE: Duration = Duration::from_secs(2);

/// Makes a WebSocket of a request for one, with something to deliver or a reason to end it at once.
pub fn open(
    request: &HttpRequest,
    payload: Payload,
    realtime: &Realtime,
    content: Result<Delivery, Farewell>,
    stay: Stay,
) -> Result<HttpResponse, actix_web::Error> {
    // Of the handshake the answer is taken. The session and the stream that come with it are a channel and a task for
    // each connection, and look at the length of a frame when all of it has come, however long that is.
    let unread = web::Payload::from_request(request, &mut Payload::None).into_inner()?;
    let (response, ..) = actix_ws::handle_with_protocols(request, unread, &[PROTOCOL])?;
    let socket = Socket::new(payload, realtime.config.ping_interval, content, stay);
    Ok(response.map_body(|_, _| BodyStream::new(frames(socket)).boxed()))
}

/// The client was told to end, and reads nothing any more: the connection is to be torn down.
#[derive(Debug, thiserror::Error)]
#[error("a client that was told to end reads nothing any more")]
struct Cut;

fn frames(socket: Socket) -> impl Stream<Item = Result<Bytes, Cut>> {
    stream::unfold(Box::new(socket), async |mut socket| {
        let frames = socket.next().await?;
        Some((frames, socket))
    })
}

/// An open WebSocket.
struct Socket {
    phase: Phase,
    stay: Stay,
    inbox: Inbox,
    outbox: Outbox,
    /// The latest ping that isn't answered yet.
    ping: Option<Bytes>,
    ping_interval: Duration,
    next_ping: Instant,
    /// A pong must have come by then.
    silent_at: Instant,
    /// Since when something waits that the client doesn't take.
    held_up: Option<Instant>,
}

enum Phase {
    /// Notifications are delivered.
    Open(Box<Delivery>),
    /// The reason to end is yet to be sent.
    Ending(Farewell),
    /// It was sent, and the client has to answer.
    Ended,
    /// Nothing comes any more.
    Over,
}

/// How a WebSocket ends.
enum End {
    /// We end it.
    Ours(Farewell),
    /// The client does, with this code.
    Theirs(Option<u16>),
    /// There is nobody any more.
    Gone,
}

impl From<Farewell> for End {
    fn from(farewell: Farewell) -> Self {
        Self::Ours(farewell)
    }
}

impl Socket {
    fn new(payload: Payload, ping_interval: Duration, content: Result<Delivery, Farewell>, stay: Stay) -> Self {
        let now = Instant::now();
        Self {
            phase: content.map_or_else(Phase::Ending, |delivery| Phase::Open(Box::new(delivery))),
            stay,
            inbox: Inbox::new(payload),
            outbox: Outbox::default(),
            ping: None,
            ping_interval,
            next_ping: now + ping_interval,
            silent_at: now + 2 * ping_interval,
            held_up: None,
        }
    }

    /// Waits for the next frames to send; `None` at the end.
    async fn next(&mut self) -> Option<Result<Bytes, Cut>> {
        loop {
            if let Some(frames) = self.outbox.take() {
                return Some(Ok(frames));
            }
            self.phase = match std::mem::replace(&mut self.phase, Phase::Over) {
                Phase::Open(mut delivery) => match self.step(&mut delivery).await {
                    Ok(()) => Phase::Open(delivery),
                    Err(End::Ours(farewell)) => Phase::Ending(farewell),
                    Err(End::Theirs(code)) => {
                        self.stay.is_left(code);
                        self.outbox.answer_close(code);
                        Phase::Over
                    }
                    Err(End::Gone) => return None,
                },
                Phase::Ending(farewell) => {
                    self.stay.ends(farewell);
                    self.outbox.close(farewell);
                    Phase::Ended
                }
                Phase::Ended => {
                    // What still comes is read, else the connection would be reset and the client not see the reason.
                    // Who took the last frame but doesn't answer gets an orderly end all the same.
                    let is_answered = timeout(GOODBYE, self.inbox.end()).await.is_ok();
                    return (!is_answered && !self.outbox.is_nearly_read()).then_some(Err(Cut));
                }
                Phase::Over => return None,
            };
        }
    }

    /// Does what is due, and waits until something else may be.
    async fn step(&mut self, Delivery { member, feed }: &mut Delivery) -> Result<(), End> {
        let now = Instant::now();
        if now >= self.silent_at {
            return Err(if self.held_up.is_some() { Farewell::TooSlow } else { Farewell::Silent }.into());
        }
        if now >= self.next_ping {
            self.next_ping = now + self.ping_interval;
            self.outbox.ping();
        }
        if self.outbox.is_open() {
            self.held_up = None;
            if let Some(payload) = self.ping.take() {
                self.outbox.pong(payload);
            }
        } else if feed.is_loaded() || self.ping.is_some() {
            self.held_up.get_or_insert(now);
        }
        let give_up = self.held_up.map(|since| since + PATIENCE);
        if give_up.is_some_and(|at| now >= at) {
            return Err(Farewell::TooSlow.into());
        }
        if self.outbox.has_frames() {
            return Ok(());
        }
        let wake = self.next_ping.min(self.silent_at).min(give_up.unwrap_or(self.next_ping));
        tokio::select! {
            biased;
            farewell = member.told() => return Err(farewell.into()),
            inbound = self.inbox.next() => self.hear(inbound)?,
            () = feed.ready(), if self.outbox.is_open() || !feed.is_loaded() => {
                if self.outbox.is_open() && feed.is_permitted(member.claims()).await? {
                    while self.outbox.is_open() && let Some((_, json)) = feed.take()? {
                        self.outbox.text(json);
                        self.stay.sent();
                    }
                }
            }
            () = sleep_until(wake) => {}
        }
        Ok(())
    }

    fn hear(&mut self, inbound: Inbound) -> Result<(), End> {
        match inbound {
            Inbound::Ping(payload) => self.ping = Some(payload),
            Inbound::Pong(payload) => {
                self.silent_at = Instant::now() + 2 * self.ping_interval;
                if self.outbox.on_pong(&payload) {
                    self.held_up = None;
                }
            }
            Inbound::Ignored => {}
            Inbound::TooLarge => return Err(Farewell::TooLarge.into()),
            Inbound::Malformed => return Err(Farewell::Protocol.into()),
            Inbound::NotUtf8 => return Err(Farewell::NotUtf8.into()),
            Inbound::Close(code) => return Err(End::Theirs(code)),
            Inbound::Gone => return Err(End::Gone),
        }
        Ok(())
    }
}
