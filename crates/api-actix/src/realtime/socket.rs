//! A WebSocket: `/ws`.
//!
//! The frames to send are the body of the response, which the HTTP connection polls. A WebSocket has neither a task nor
//! a channel besides that connection: they would be most of its memory.

use super::{
    Realtime,
    close_reason::CloseReason,
    connection_log::ConnectionLog,
    frame_reader::FrameReader,
    frame_writer::FrameWriter,
    frames::ClientFrame,
    source::{Delivery, Source},
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

/// How long a client may take nothing of what is sent.
const SEND_TIMEOUT: Duration = Duration::from_secs(10);

/// How long a client may take to answer a close frame.
const CLOSE_TIMEOUT: Duration = Duration::from_secs(2);

/// Answers a request for a WebSocket, which delivers notifications, or closes at once for the given reason.
pub fn open<S: Source + 'static>(
    request: &HttpRequest,
    payload: Payload,
    realtime: &Realtime,
    content: Result<Delivery<S>, CloseReason>,
    log: ConnectionLog,
) -> Result<HttpResponse, actix_web::Error> {
    // Only the handshake's response is used. The session and the stream that come with it are a channel and a task per
    // connection, and check the length of a frame only when all of it has arrived.
    let unread = web::Payload::from_request(request, &mut Payload::None).into_inner()?;
    let (response, ..) = actix_ws::handle_with_protocols(request, unread, &[PROTOCOL])?;
    let socket = Socket::new(payload, realtime.config.ping_interval, content, log);
    Ok(response.map_body(|_, _| BodyStream::new(frames(socket)).boxed()))
}

/// Aborts the connection: the client did not answer the close frame, and has stopped reading.
#[derive(Debug, thiserror::Error)]
#[error("the client did not answer the close frame, and has stopped reading")]
struct CloseTimeout;

fn frames<S: Source>(socket: Socket<S>) -> impl Stream<Item = Result<Bytes, CloseTimeout>> {
    stream::unfold(Box::new(socket), async |mut socket| {
        let frames = socket.next().await?;
        Some((frames, socket))
    })
}

/// An open WebSocket.
struct Socket<S> {
    phase: Phase<S>,
    log: ConnectionLog,
    reader: FrameReader,
    writer: FrameWriter,
    /// The latest ping that is not answered yet.
    ping: Option<Bytes>,
    ping_interval: Duration,
    next_ping: Instant,
    /// The deadline of the next pong.
    pong_deadline: Instant,
    /// Since when the window is full while there is something to send.
    blocked_since: Option<Instant>,
}

enum Phase<S> {
    /// Messages are delivered.
    Open(Box<Delivery<S>>),
    /// The close frame is to be sent.
    Closing(CloseReason),
    /// The close frame was sent, and the client's is awaited.
    AwaitingClose,
    Closed,
}

/// The reason for which a WebSocket ends.
enum End {
    Server(CloseReason),
    /// The client sent a close frame with this code.
    Client(Option<u16>),
    /// The connection was lost.
    Disconnected,
}

impl From<CloseReason> for End {
    fn from(reason: CloseReason) -> Self {
        Self::Server(reason)
    }
}

impl<S: Source> Socket<S> {
    fn new(
        payload: Payload,
        ping_interval: Duration,
        content: Result<Delivery<S>, CloseReason>,
        log: ConnectionLog,
    ) -> Self {
        let now = Instant::now();
        Self {
            phase: content.map_or_else(Phase::Closing, |delivery| Phase::Open(Box::new(delivery))),
            log,
            reader: FrameReader::new(payload),
            writer: FrameWriter::default(),
            ping: None,
            ping_interval,
            next_ping: now + ping_interval,
            pong_deadline: now + 2 * ping_interval,
            blocked_since: None,
        }
    }

    /// Waits for the next frames to send; `None` at the end.
    async fn next(&mut self) -> Option<Result<Bytes, CloseTimeout>> {
        loop {
            if let Some(frames) = self.writer.take() {
                return Some(Ok(frames));
            }
            self.phase = match std::mem::replace(&mut self.phase, Phase::Closed) {
                Phase::Open(mut delivery) => match self.step(&mut delivery).await {
                    Ok(()) => Phase::Open(delivery),
                    Err(End::Server(reason)) => Phase::Closing(reason),
                    Err(End::Client(code)) => {
                        self.log.closed_by_client(code);
                        self.writer.answer_close(code);
                        Phase::Closed
                    }
                    Err(End::Disconnected) => return None,
                },
                Phase::Closing(reason) => {
                    self.log.closed_by_server(reason);
                    self.writer.close(reason);
                    Phase::AwaitingClose
                }
                Phase::AwaitingClose => {
                    // Without reading on, the connection would be reset, and the client not receive the close frame. If
                    // the client has read it and just doesn't answer, the connection is closed, not aborted.
                    let is_answered = timeout(CLOSE_TIMEOUT, self.reader.closed()).await.is_ok();
                    return (!is_answered && !self.writer.is_nearly_acknowledged()).then_some(Err(CloseTimeout));
                }
                Phase::Closed => return None,
            };
        }
    }

    /// Does what is due, and waits for the next event.
    async fn step(&mut self, Delivery { member, source }: &mut Delivery<S>) -> Result<(), End> {
        let now = Instant::now();
        if now >= self.pong_deadline {
            return Err(if self.blocked_since.is_some() { CloseReason::TooSlow } else { CloseReason::Silent }.into());
        }
        if now >= self.next_ping {
            self.next_ping = now + self.ping_interval;
            self.writer.ping();
        }
        if self.writer.is_open() {
            self.blocked_since = None;
            if let Some(payload) = self.ping.take() {
                self.writer.pong(payload);
            }
        } else if source.has_messages() || self.ping.is_some() {
            self.blocked_since.get_or_insert(now);
        }
        let give_up = self.blocked_since.map(|since| since + SEND_TIMEOUT);
        if give_up.is_some_and(|at| now >= at) {
            return Err(CloseReason::TooSlow.into());
        }
        if self.writer.has_frames() {
            return Ok(());
        }
        let wake = self.next_ping.min(self.pong_deadline).min(give_up.unwrap_or(self.next_ping));
        tokio::select! {
            biased;
            reason = member.closed() => return Err(reason.into()),
            frame = self.reader.next() => self.on_frame(frame)?,
            () = source.ready(), if self.writer.is_open() || !source.has_messages() => {
                if self.writer.is_open() && source.is_permitted(member.claims()).await? {
                    while self.writer.is_open() && let Some(message) = source.take()? {
                        self.writer.text(message.json);
                        self.log.sent();
                    }
                }
            }
            () = sleep_until(wake) => {}
        }
        Ok(())
    }

    fn on_frame(&mut self, frame: ClientFrame) -> Result<(), End> {
        match frame {
            ClientFrame::Ping(payload) => self.ping = Some(payload),
            ClientFrame::Pong(payload) => {
                self.pong_deadline = Instant::now() + 2 * self.ping_interval;
                if self.writer.on_pong(&payload) {
                    self.blocked_since = None;
                }
            }
            ClientFrame::Message => {}
            ClientFrame::TooLarge => return Err(CloseReason::TooLarge.into()),
            ClientFrame::Malformed => return Err(CloseReason::Protocol.into()),
            ClientFrame::NotUtf8 => return Err(CloseReason::NotUtf8.into()),
            ClientFrame::Close(code) => return Err(End::Client(code)),
            ClientFrame::Disconnected => return Err(End::Disconnected),
        }
        Ok(())
    }
}
