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
/// The server's response to [`KEY`] in the same example.
const ACCEPT: &str = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=";

/// An open WebSocket. It answers pings while it is read. Dropping it closes the connection without a close frame.
#[derive(Debug)]
pub struct Socket {
    stream: WebSocketStream<Upgraded>,
    /// The headers of the handshake's response.
    pub headers: HeaderMap,
}

/// A received message.
#[derive(Clone, Debug, PartialEq)]
pub enum Received {
    /// A text message, which is JSON.
    Message(Value),
    /// A ping, whatever its payload.
    Ping,
    /// A pong, with its payload.
    Pong(Vec<u8>),
    /// The end of the connection, and the close code if there was one.
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

    /// Receives the next message of any kind.
    ///
    /// # Panics
    ///
    /// If nothing arrives in time, or a text that isn't JSON.
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

    /// Receives the next notification, or `None` at the end.
    pub async fn try_next(&mut self) -> Option<Value> {
        loop {
            match self.receive().await {
                Received::Message(message) => return Some(message),
                Received::Ping | Received::Pong(_) => {}
                Received::Closed(_) => return None,
            }
        }
    }

    /// Receives the next notification.
    ///
    /// # Panics
    ///
    /// If the socket is closed instead.
    pub async fn next(&mut self) -> Value {
        self.try_next().await.expect("the socket is open")
    }

    /// Receives the notifications with these numbers, in order.
    ///
    /// # Panics
    ///
    /// If others arrive.
    pub async fn take(&mut self, seqs: RangeInclusive<i64>) -> Vec<Value> {
        let mut taken = Vec::new();
        for seq in seqs {
            let notification = self.next().await;
            assert_eq!(notification["seq"], seq, "{notification:#}");
            taken.push(notification);
        }
        taken
    }

    /// Waits for the end and returns the close code. Other messages are ignored.
    pub async fn closed(&mut self) -> Option<u16> {
        loop {
            if let Received::Closed(code) = self.receive().await {
                return code;
            }
        }
    }

    /// Sends a message. Succeeds if the server has closed the connection.
    pub async fn send(&mut self, message: Message) {
        match self.stream.send(message).await {
            Ok(()) | Err(Error::ConnectionClosed | Error::Io(_) | Error::Protocol(_)) => {}
            Err(other) => panic!("{other:?}"),
        }
    }

    /// Sends a close frame and waits for the server's.
    pub async fn close(mut self) {
        self.stream.close(None).await.unwrap();
        self.closed().await;
    }
}
