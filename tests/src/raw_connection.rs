//! TCP connections on which tests write HTTP themselves.

use crate::{DEADLINE, Server};
use std::{io, time::Duration};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpSocket, TcpStream},
    time::timeout,
};

/// A connection that sends and reads only what a test says.
#[derive(Debug)]
pub struct RawConnection {
    stream: TcpStream,
}

impl RawConnection {
    pub async fn open(server: &Server) -> Self {
        Self::with_buffer(server, 64 * 1024).await
    }

    /// Connects with a receive buffer of this size.
    pub async fn with_buffer(server: &Server, bytes: u32) -> Self {
        let socket = TcpSocket::new_v4().unwrap();
        socket.set_recv_buffer_size(bytes).unwrap();
        let address = server.url().split_once("://").unwrap().1.parse().unwrap();
        Self { stream: socket.connect(address).await.unwrap() }
    }

    /// Connects and waits for a response to a request.
    ///
    /// # Panics
    ///
    /// If the request is refused.
    pub async fn accepted(server: &Server) -> Self {
        let mut raw = Self::open(server).await;
        raw.send("GET /health/live HTTP/1.1\r\nHost: localhost\r\n\r\n").await.unwrap();
        let answer = raw.receive(4096).await;
        assert!(answer.starts_with(b"HTTP/1.1 200 "), "{}", String::from_utf8_lossy(&answer));
        raw
    }

    /// Sends bytes as they are.
    pub async fn send(&mut self, bytes: impl AsRef<[u8]>) -> io::Result<()> {
        self.stream.write_all(bytes.as_ref()).await
    }

    /// Closes the sending side; responses still arrive.
    pub async fn finish(&mut self) {
        // One that the server has closed meanwhile is over as well.
        self.stream.shutdown().await.ok();
    }

    /// Resets the connection (RST), instead of closing it.
    pub fn reset(self) {
        self.stream.set_zero_linger().unwrap();
    }

    /// Receives at most `bytes` bytes; none at the end.
    ///
    /// # Panics
    ///
    /// If nothing arrives in time.
    pub async fn receive(&mut self, bytes: usize) -> Vec<u8> {
        let mut buffer = vec![0; bytes];
        // A connection that is reset is over as well.
        let length = timeout(DEADLINE, self.stream.read(&mut buffer)).await.expect("something comes").unwrap_or(0);
        buffer.truncate(length);
        buffer
    }

    /// Receives everything until the end.
    ///
    /// # Panics
    ///
    /// If the end doesn't come in time.
    pub async fn rest(&mut self) -> String {
        let mut rest = Vec::new();
        timeout(DEADLINE, self.stream.read_to_end(&mut rest)).await.expect("the end comes").ok();
        String::from_utf8(rest).unwrap()
    }

    /// Whether bytes, or the end of the connection, can be read now.
    pub async fn is_readable(&self) -> bool {
        timeout(Duration::ZERO, self.stream.readable()).await.is_ok()
    }

    /// Sends a GET on a new connection and returns the status; `None` without a response.
    pub async fn status_of(server: &Server, path: &str) -> Option<u16> {
        let mut raw = Self::open(server).await;
        raw.send(format!("GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")).await.ok();
        raw.rest().await.strip_prefix("HTTP/1.1 ")?.get(..3)?.parse().ok()
    }
}
