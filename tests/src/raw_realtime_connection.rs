//! WebSockets and event streams at the level of bytes, for misbehaving clients.

use crate::{Account, DEADLINE, Server, socket::KEY};
use std::net::SocketAddr;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt, BufReader},
    net::{TcpSocket, TcpStream},
    time::timeout,
};

/// A received frame.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Frame {
    /// The opcode (RFC 6455 section 11.8): 1 is text, 8 close, 9 ping.
    pub opcode: u8,
    pub payload: Vec<u8>,
}

impl Frame {
    /// The code of a close frame.
    pub fn code(&self) -> Option<u16> {
        (self.opcode == 8).then(|| u16::from_be_bytes(*self.payload.first_chunk().unwrap()))
    }
}

/// A connection that reads only on request and never answers pings.
#[derive(Debug)]
pub struct RawRealtimeConnection {
    stream: BufReader<TcpStream>,
}

impl RawRealtimeConnection {
    /// Opens a WebSocket for the notifications after number `since`.
    pub async fn web_socket(server: &Server, account: &Account, since: i64) -> Self {
        let upgrade = format!(
            "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {KEY}\r\n"
        );
        Self::open(server, account, &format!("/ws?since={since}"), &upgrade, 101).await
    }

    /// Opens an event stream for the notifications after number `since`.
    pub async fn event_stream(server: &Server, account: &Account, since: i64) -> Self {
        Self::open(server, account, &format!("/events?since={since}"), "", 200).await
    }

    /// Opens a connection with the smallest receive buffer.
    async fn open(server: &Server, account: &Account, path: &str, headers: &str, status: u16) -> Self {
        let socket = TcpSocket::new_v4().unwrap();
        socket.set_recv_buffer_size(4096).unwrap();
        let authority = server.url().strip_prefix("http://").unwrap();
        let stream = socket.connect(authority.parse::<SocketAddr>().unwrap()).await.unwrap();
        let mut connection = Self { stream: BufReader::with_capacity(512, stream) };
        let head = format!(
            "GET {path} HTTP/1.1\r\nHost: {authority}\r\nAuthorization: Bearer {}\r\n{headers}\r\n",
            account.access_token
        );
        connection.stream.write_all(head.as_bytes()).await.unwrap();
        let mut answer = Vec::new();
        while !answer.ends_with(b"\r\n\r\n") {
            answer.push(timeout(DEADLINE, connection.stream.read_u8()).await.unwrap().unwrap());
        }
        let answer = String::from_utf8_lossy(&answer);
        assert!(answer.starts_with(&format!("HTTP/1.1 {status} ")), "{answer}");
        connection
    }

    /// Receives the next frame of a WebSocket; `None` at the end, also within a frame.
    ///
    /// # Panics
    ///
    /// If nothing arrives in time.
    pub async fn next(&mut self) -> Option<Frame> {
        timeout(DEADLINE, self.read()).await.expect("something comes")
    }

    async fn read(&mut self) -> Option<Frame> {
        let [first, second] = [self.stream.read_u8().await.ok()?, self.stream.read_u8().await.ok()?];
        assert_eq!((first & 0xF0, second & 0x80), (0x80, 0), "whole messages, not masked");
        let length = match second {
            126 => usize::from(self.stream.read_u16().await.ok()?),
            127 => usize::try_from(self.stream.read_u64().await.ok()?).unwrap(),
            length => usize::from(length),
        };
        let mut payload = vec![0; length];
        self.stream.read_exact(&mut payload).await.ok()?;
        Some(Frame { opcode: first & 0x0F, payload })
    }

    /// Sends bytes. Succeeds if the server has closed the connection.
    pub async fn send(&mut self, bytes: &[u8]) {
        self.stream.write_all(bytes).await.ok();
    }

    /// Receives everything until the end.
    ///
    /// # Panics
    ///
    /// If the end doesn't come in time.
    pub async fn rest(&mut self) -> Vec<u8> {
        let mut rest = Vec::new();
        // One that is torn off is over as well.
        timeout(DEADLINE, self.stream.read_to_end(&mut rest)).await.expect("the end comes").ok();
        rest
    }
}
