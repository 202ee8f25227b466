//! Notifications over a WebSocket.

use super::response;
use crate::Outcome;
use mio::{Interest, Registry, Token, net::TcpStream};
use std::{io::ErrorKind, net::SocketAddr};
use tungstenite::{
    Error, Message, WebSocket,
    protocol::{Role, WebSocketConfig},
};

/// The nonce in the example of RFC 6455, section 1.3.
const KEY: &str = "dGhlIHNhbXBsZSBub25jZQ==";

/// Bytes of the buffer that each socket has.
const BUFFER: usize = 4096;

pub struct Socket(Box<WebSocket<TcpStream>>);

impl Socket {
    pub fn open(address: SocketAddr, access_token: &str, registry: &Registry, token: Token) -> Outcome<Self> {
        let request = format!(
            "GET /ws HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {access_token}\r\nConnection: Upgrade\r\n\
             Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {KEY}\r\n\r\n"
        );
        let opened = response::open(address, &request, 101)?;
        let mut stream = TcpStream::from_std(opened.stream);
        registry.register(&mut stream, token, Interest::READABLE)?;
        let config = WebSocketConfig::default().read_buffer_size(BUFFER);
        let socket = WebSocket::from_partially_read(stream, opened.rest, Role::Client, Some(config));
        Ok(Self(Box::new(socket)))
    }

    /// Calls `take` with each message that is there, and answers pings.
    pub fn receive(&mut self, take: &mut dyn FnMut(&[u8]) -> Outcome) -> Outcome {
        loop {
            match self.0.read() {
                Ok(Message::Text(text)) => take(text.as_bytes())?,
                Ok(Message::Close(frame)) => return Err(format!("the server closed a socket: {frame:?}").into()),
                Ok(_) => {}
                Err(Error::Io(error)) if error.kind() == ErrorKind::WouldBlock => return Ok(()),
                Err(error) => return Err(error.into()),
            }
        }
    }
}
