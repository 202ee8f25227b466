//! A WebSocket: `/ws`.

use super::{
    Realtime,
    delivery::Delivery,
    farewell::Farewell,
    held::{self, Hold},
    inbox::{Inbound, Inbox},
    window::Window,
};
use actix_web::{
    FromRequest, HttpRequest, HttpResponse,
    dev::Payload,
    rt,
    web::{self, Bytes},
};
use actix_ws::{CloseReason, Closed, Session};
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
) -> Result<HttpResponse, actix_web::Error> {
    // Its own reader looks at the length of a frame when all of it has come, however long that is: ours reads.
    let unread = web::Payload::from_request(request, &mut Payload::None).into_inner()?;
    let (response, session, _) = actix_ws::handle_with_protocols(request, unread, &[PROTOCOL])?;
    let (response, hold) = held::hold(response);
    let socket = Socket::new(session, payload, realtime.config.ping_interval);
    rt::spawn(socket.run(content, hold));
    Ok(response)
}

/// An open WebSocket.
struct Socket {
    session: Session,
    inbox: Inbox,
    window: Window,
    /// The latest ping that isn't answered yet.
    ping: Option<Bytes>,
    ping_interval: Duration,
    next_ping: Instant,
    /// A pong must have come by then.
    silent_at: Instant,
    /// Since when something waits that the client doesn't take.
    held_up: Option<Instant>,
}

/// How a WebSocket ends.
enum End {
    /// We end it.
    Ours(Farewell),
    /// The client does.
    Theirs(Option<CloseReason>),
    /// There is nobody any more.
    Gone,
}

impl From<Farewell> for End {
    fn from(farewell: Farewell) -> Self {
        Self::Ours(farewell)
    }
}

impl From<Closed> for End {
    fn from(_: Closed) -> Self {
        Self::Gone
    }
}

impl Socket {
    fn new(session: Session, payload: Payload, ping_interval: Duration) -> Self {
        let now = Instant::now();
        Self {
            session,
            inbox: Inbox::new(payload),
            window: Window::default(),
            ping: None,
            ping_interval,
            next_ping: now + ping_interval,
            silent_at: now + 2 * ping_interval,
            held_up: None,
        }
    }

    async fn run(mut self, content: Result<Delivery, Farewell>, hold: Hold) {
        let end = match content {
            Ok(delivery) => self.deliver(delivery).await,
            Err(farewell) => farewell.into(),
        };
        let Self { session, mut inbox, window, .. } = self;
        match end {
            End::Ours(farewell) => {
                let reason =
                    CloseReason { code: farewell.code().into(), description: Some(farewell.reason().to_owned()) };
                // What still comes is read, else the connection would be reset and the client not see the reason.
                let is_answered =
                    session.close(Some(reason)).await.is_ok() && timeout(GOODBYE, inbox.end()).await.is_ok();
                // Who took the last frame but doesn't answer gets an orderly end all the same.
                if !is_answered && !window.is_nearly_read() {
                    hold.cut();
                }
            }
            // A connection that is gone already needs no answer.
            End::Theirs(reason) => drop(session.close(reason).await),
            End::Gone => {}
        }
    }

    /// Delivers until there is a reason to end.
    async fn deliver(&mut self, mut delivery: Delivery) -> End {
        loop {
            if let Err(end) = self.step(&mut delivery).await {
                return end;
            }
        }
    }

    /// Does what is due, and waits until something else may be.
    async fn step(&mut self, Delivery { member, feed }: &mut Delivery) -> Result<(), End> {
        let now = Instant::now();
        if now >= self.silent_at {
            return Err(Farewell::Silent.into());
        }
        if now >= self.next_ping {
            self.next_ping = now + self.ping_interval;
            self.ask().await?;
        }
        if self.window.is_open() {
            self.held_up = None;
            if let Some(payload) = self.ping.take() {
                self.session.pong(&payload).await?;
                self.sent(payload.len()).await?;
            }
        } else if feed.is_loaded() || self.ping.is_some() {
            self.held_up.get_or_insert(now);
        }
        let give_up = self.held_up.map(|since| since + PATIENCE);
        if give_up.is_some_and(|at| now >= at) {
            return Err(Farewell::TooSlow.into());
        }
        let wake = self.next_ping.min(self.silent_at).min(give_up.unwrap_or(self.next_ping));
        tokio::select! {
            biased;
            farewell = member.told() => return Err(farewell.into()),
            inbound = self.inbox.next() => self.hear(inbound)?,
            () = feed.ready(), if self.window.is_open() || !feed.is_loaded() => {
                if self.window.is_open() && feed.is_permitted(member.claims()).await? {
                    while self.window.is_open() && let Some((_, json)) = feed.take()? {
                        let length = json.len();
                        self.session.text(json).await?;
                        self.sent(length).await?;
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
                if self.window.on_pong(&payload) {
                    self.held_up = None;
                }
            }
            Inbound::Ignored => {}
            Inbound::TooLarge => return Err(Farewell::TooLarge.into()),
            Inbound::Malformed => return Err(Farewell::Protocol.into()),
            Inbound::Close(code) => {
                return Err(End::Theirs(code.map(|code| CloseReason { code: code.into(), description: None })));
            }
            Inbound::Gone => return Err(End::Gone),
        }
        Ok(())
    }

    /// A frame was sent.
    async fn sent(&mut self, payload: usize) -> Result<(), Closed> {
        if self.window.send(payload) { self.ask().await } else { Ok(()) }
    }

    /// Asks whether the client is there, and how far it has read.
    async fn ask(&mut self) -> Result<(), Closed> {
        let mark = self.window.ping();
        self.session.ping(&mark).await
    }
}
