//! What WebSockets and event streams deliver: messages of a source that reads them in batches.

use super::{Realtime, close_reason::CloseReason, registry::Member};
use crate::api::Api;
use fasttrack_domain::token::{AccessClaims, TokenError};
use std::{fmt::Write, future::Future, time::Duration};
use tokio::time::{Instant, sleep_until};

/// Pause before a failed read is retried.
const PAUSE: Duration = Duration::from_secs(1);

/// An open connection, and what it delivers.
pub struct Delivery<S> {
    pub member: Member,
    pub source: S,
}

/// The messages for one connection.
pub trait Source {
    /// Waits for messages. Cancel safe.
    fn ready(&mut self) -> impl Future<Output = ()>;

    /// Whether messages wait to be delivered.
    fn has_messages(&self) -> bool;

    /// Checks the token at the moment of delivery, since the connection may have missed a revocation. If it can't be
    /// checked now, nothing is delivered for a while.
    fn is_permitted(&mut self, claims: &AccessClaims) -> impl Future<Output = Result<bool, CloseReason>>;

    /// Returns the next message that waits.
    fn take(&mut self) -> Result<Option<Message>, CloseReason>;

    /// Where a client goes on that has received every message, if that isn't the id of the last one.
    fn position(&mut self) -> Option<String> {
        None
    }
}

/// A message to a client.
pub struct Message {
    /// Where a client goes on that has this message; a message that doesn't change that has none.
    pub id: Option<String>,
    /// The name of the event; the default where absent. A WebSocket has none.
    pub event: Option<&'static str>,
    pub json: String,
}

impl Message {
    /// Writes the message as a Server-Sent Event.
    pub fn write_event(&self, events: &mut String) {
        let Self { id, event, json } = self;
        // Writing to a string can't fail. Neither ids nor JSON have line breaks.
        if let Some(id) = id {
            let _ = writeln!(events, "id: {id}");
        }
        if let Some(event) = event {
            let _ = writeln!(events, "event: {event}");
        }
        let _ = write!(events, "data: {json}\n\n");
    }
}

/// The pause of a source after a failure.
#[derive(Default)]
pub struct Pause(Option<Instant>);

impl Pause {
    /// Begins a pause.
    pub fn begin(&mut self) {
        self.0 = Some(Instant::now() + PAUSE);
    }

    /// Waits until the pause is over, if there is one. Cancel safe.
    pub async fn over(&mut self) {
        if let Some(until) = self.0 {
            sleep_until(until).await;
            self.0 = None;
        }
    }

    /// Checks a token, and begins a pause if it can't be checked now.
    pub async fn check(&mut self, api: &Api, claims: &AccessClaims) -> Result<bool, CloseReason> {
        match api.verifier.recheck_access(claims, api.clock.now()).await {
            Ok(()) => Ok(true),
            Err(TokenError::Unavailable) => {
                self.begin();
                Ok(false)
            }
            Err(error) => Err(error.into()),
        }
    }
}

impl Realtime {
    /// Registers a connection that delivers what `open` returns. The inner error is the reason to close it.
    pub async fn connect<S>(
        &self,
        claims: AccessClaims,
        open: impl AsyncFnOnce(AccessClaims) -> Result<S, fasttrack_app::Error>,
    ) -> Result<Result<Delivery<S>, CloseReason>, fasttrack_app::Error> {
        Ok(match self.registry.register(claims.clone()) {
            Ok(member) => Ok(Delivery { member, source: open(claims).await? }),
            Err(reason) => Err(reason),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event(id: Option<&str>, event: Option<&'static str>) -> String {
        let mut events = String::new();
        Message { id: id.map(str::to_owned), event, json: "{}".to_owned() }.write_event(&mut events);
        events
    }

    #[test]
    fn an_event_has_a_line_for_each_part_that_is_there() {
        assert_eq!(event(Some("7"), None), "id: 7\ndata: {}\n\n");
        assert_eq!(event(Some("x"), Some("change")), "id: x\nevent: change\ndata: {}\n\n");
        assert_eq!(event(None, None), "data: {}\n\n");
    }
}
