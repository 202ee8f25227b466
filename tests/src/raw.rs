//! HTTP byte by byte.

use crate::{DEADLINE, Server};
use std::{io, time::Duration};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpSocket, TcpStream},
    time::timeout,
};

/// A connection on which nothing is sent or read but what a test says.
#[derive(Debug)]
pub struct Raw {
    stream: TcpStream,
}

impl Raw {
    /// Connects.
    pub async fn open(server: &Server) -> Self {
        Self::with_buffer(server, 64 * 1024).await
    }

    /// Connects, with so many bytes that the network keeps for it.
    pub async fn with_buffer(server: &Server, bytes: u32) -> Self {
        let socket = TcpSocket::new_v4().unwrap();
        socket.set_recv_buffer_size(bytes).unwrap();
        let address = server.url().split_once("://").unwrap().1.parse().unwrap();
        Self { stream: socket.connect(address).await.unwrap() }
    }

    /// Connects, and is answered: the server knows of it.
    ///
    /// # Panics
    ///
    /// Where it is refused.
    pub async fn known(server: &Server) -> Self {
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

    /// Ends what is sent; answers still come.
    pub async fn finish(&mut self) {
        // One that the server has closed meanwhile is over as well.
        self.stream.shutdown().await.ok();
    }

    /// Tears the connection off.
    pub fn reset(self) {
        self.stream.set_zero_linger().unwrap();
    }

    /// The next bytes, at most so many; none at the end.
    ///
    /// # Panics
    ///
    /// Where nothing comes in time.
    pub async fn receive(&mut self, bytes: usize) -> Vec<u8> {
        let mut buffer = vec![0; bytes];
        // A connection that is reset is over as well.
        let length = timeout(DEADLINE, self.stream.read(&mut buffer)).await.expect("something comes").unwrap_or(0);
        buffer.truncate(length);
        buffer
    }

    /// All that comes until the end.
    ///
    /// # Panics
    ///
    /// Where that does not come in time.
    pub async fn rest(&mut self) -> String {
        let mut rest = Vec::new();
        timeout(DEADLINE, self.stream.read_to_end(&mut rest)).await.expect("the end comes").ok();
        String::from_utf8(rest).unwrap()
    }

    /// Whether something came, the end too.
    pub async fn is_readable(&self) -> bool {
        timeout(Duration::ZERO, self.stream.readable()).await.is_ok()
    }

    /// The status of one request without a body, on a connection of its own; `None` without an answer.
    pub async fn status_of(server: &Server, path: &str) -> Option<u16> {
        let mut raw = Self::open(server).await;
        raw.send(format!("GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")).await.ok();
        raw.rest().await.strip_prefix("HTTP/1.1 ")?.get(..3)?.parse().ok()
    }
}
