//! The client's side of a WebSocket.

use crate::{Answer, DEADLINE};
use futures_util::{SinkExt, StreamExt};
use reqwest::{RequestBuilder, StatusCode, Upgraded, header::HeaderMap};
use serde_json::Value;
use std::ops::RangeInclusive;
use tokio::time::timeout;
use tokio_tungstenite::{
    WebSocketStream,
    tungstenite::{Error, Message, protocol::Role},
};

/// The nonce in the example of RFC 6455, section 1.3.
pub(crate) const KEY: &str = "dGhlIHNhbXBsZSBub25jZQ==";
/// What a server makes of it there.
const ACCEPT: &str = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=";

/// An open WebSocket. Answers pings while it is read. Dropped, it is gone without a word.
#[derive(Debug)]
pub struct Socket {
    stream: WebSocketStream<Upgraded>,
    /// Of the answer to the handshake.
    pub headers: HeaderMap,
}

/// What comes over a WebSocket.
#[derive(Clone, Debug, PartialEq)]
pub enum Received {
    /// A text message: always JSON.
    Message(Value),
    /// A ping.
    Ping,
    /// A pong, with its payload.
    Pong(Vec<u8>),
    /// The end, with the code if the server gave one.
    Closed(Option<u16>),
}

impl Socket {
    pub(crate) async fn open(what: &str, request: RequestBuilder) -> Self {
        let response = request.send().await.unwrap();
        let agreed = response.status() == StatusCode::SWITCHING_PROTOCOLS;
        assert!(agreed, "{:#?}", Answer::read(what, response).await);
        let headers = response.headers().clone();
        assert_eq!(headers["sec-websocket-accept"], ACCEPT);
        let upgraded = response.upgrade().await.unwrap();
        Self { stream: WebSocketStream::from_raw_socket(upgraded, Role::Client, None).await, headers }
    }

    /// What comes next, be it what it may.
    ///
    /// # Panics
    ///
    /// Where nothing comes in time, or something that isn't JSON.
    pub async fn receive(&mut self) -> Received {
        let Ok(message) = timeout(DEADLINE, self.stream.next()).await else { panic!("nothing comes") };
        match message {
            Some(Ok(Message::Text(text))) => Received::Message(serde_json::from_str(&text).unwrap()),
            Some(Ok(Message::Ping(_))) => Received::Ping,
            Some(Ok(Message::Pong(payload))) => Received::Pong(payload.to_vec()),
            Some(Ok(Message::Close(frame))) => Received::Closed(frame.map(|frame| frame.code.into())),
            None | Some(Err(Error::ConnectionClosed | Error::Io(_) | Error::Protocol(_))) => Received::Closed(None),
            Some(other) => panic!("{other:?}"),
        }
    }

    /// The next notification, or `None` at the end.
    pub async fn try_next(&mut self) -> Option<Value> {
        loop {
            match self.receive().await {
                Received::Message(message) => return Some(message),
                Received::Ping | Received::Pong(_) => {}
                Received::Closed(_) => return None,
            }
        }
    }

    /// The next notification.
    ///
    /// # Panics
    ///
    /// Where the socket is closed instead.
    pub async fn next(&mut self) -> Value {
        self.try_next().await.expect("the socket is open")
    }

    /// As many notifications as there are numbers, which they have in this order.
    ///
    /// # Panics
    ///
    /// Where they are others.
    pub async fn take(&mut self, seqs: RangeInclusive<i64>) -> Vec<Value> {
        let mut taken = Vec::new();
        for seq in seqs {
            let notification = self.next().await;
            assert_eq!(notification["seq"], seq, "{notification:#}");
            taken.push(notification);
        }
        taken
    }

    /// Waits for the end; the code that it came with. What else comes until then is passed over.
    pub async fn closed(&mut self) -> Option<u16> {
        loop {
            if let Received::Closed(code) = self.receive().await {
                return code;
            }
        }
    }

    /// Sends a message, or whatever it is. A server that has closed meanwhile is no failure.
    pub async fn send(&mut self, message: Message) {
        match self.stream.send(message).await {
            Ok(()) | Err(Error::ConnectionClosed | Error::Io(_) | Error::Protocol(_)) => {}
            Err(other) => panic!("{other:?}"),
        }
    }

    /// Says goodbye, and waits for the answer.
    pub async fn close(mut self) {
        self.stream.close(None).await.unwrap();
        self.closed().await;
    }
}
