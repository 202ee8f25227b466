//! A connection, with one request on its way at most.

use crate::Outcome;
use mio::{Interest, Registry, Token, net::TcpStream};
use std::{
    io::{ErrorKind, Read, Write},
    net::SocketAddr,
    time::Instant,
};

/// Bytes to read at once: more than any response has.
const CHUNK: usize = 64 * 1024;

/// More headers than any response has.
pub const HEADERS: usize = 32;

pub struct Connection {
    stream: TcpStream,
    request: Vec<u8>,
    response: Vec<u8>,
    filled: usize,
    /// Requests that were sent.
    pub sent: u64,
    /// When the present request was due, or the next is.
    pub due: Instant,
    is_waiting: bool,
    pub has_ended: bool,
}

/// A response.
pub struct Answer<'a> {
    pub status: u16,
    pub head: &'a [u8],
    pub body: &'a [u8],
}

impl Answer<'_> {
    /// The value of a header.
    pub fn header(&self, name: &str) -> Outcome<Option<String>> {
        let mut headers = [httparse::EMPTY_HEADER; HEADERS];
        let mut head = httparse::Response::new(&mut headers);
        head.parse(self.head)?;
        let header = head.headers.iter().find(|header| header.name.eq_ignore_ascii_case(name));
        Ok(header.map(|header| std::str::from_utf8(header.value).map(ToOwned::to_owned)).transpose()?)
    }
}

impl Connection {
    pub fn open(address: SocketAddr, registry: &Registry, token: Token) -> Outcome<Self> {
        let stream = std::net::TcpStream::connect(address)?;
        stream.set_nodelay(true)?;
        stream.set_nonblocking(true)?;
        let mut stream = TcpStream::from_std(stream);
        registry.register(&mut stream, token, Interest::READABLE)?;
        let (request, response) = (Vec::with_capacity(2048), vec![0; CHUNK]);
        let due = Instant::now();
        Ok(Self { stream, request, response, filled: 0, sent: 0, due, is_waiting: false, has_ended: false })
    }

    /// Begins to count requests again; the first is due at that time.
    pub fn begin(&mut self, due: Instant) {
        self.sent = 0;
        self.due = due;
        self.has_ended = false;
    }

    pub fn is_idle(&self) -> bool {
        !self.is_waiting && !self.has_ended
    }

    /// Sends what `write` makes of the number of requests before.
    pub fn send(&mut self, write: impl FnOnce(&mut Vec<u8>, u64) -> Outcome) -> Outcome {
        self.request.clear();
        write(&mut self.request, self.sent)?;
        // Nothing else is on its way, so that the socket's buffer has room for all of it.
        self.stream.write_all(&self.request)?;
        self.sent += 1;
        self.is_waiting = true;
        Ok(())
    }

    /// The response, once it is there as a whole.
    pub fn receive(&mut self) -> Outcome<Option<Answer<'_>>> {
        loop {
            match self.stream.read(&mut self.response[self.filled..]) {
                Ok(0) => return Err("the server closed a connection, or its response is too long".into()),
                Ok(read) => self.filled += read,
                Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(None),
                Err(error) if error.kind() == ErrorKind::Interrupted => continue,
                Err(error) => return Err(error.into()),
            }
            // There is nothing behind the response: no need to read until the socket is empty.
            if let Some((status, head, length)) = parse(&self.response[..self.filled])?
                && self.filled >= length
            {
                self.filled = 0;
                self.is_waiting = false;
                let (head, body) = self.response[..length].split_at(head);
                return Ok(Some(Answer { status, head, body }));
            }
        }
    }
}

/// The status of a response, the length of its head and that of all of it, once its head is there.
fn parse(response: &[u8]) -> Outcome<Option<(u16, usize, usize)>> {
    let mut headers = [httparse::EMPTY_HEADER; HEADERS];
    let mut head = httparse::Response::new(&mut headers);
    let httparse::Status::Complete(body) = head.parse(response)? else { return Ok(None) };
    let status = head.code.ok_or("a response without a status")?;
    let length = head.headers.iter().find(|header| header.name.eq_ignore_ascii_case("content-length"));
    let length: usize = match length {
        // Such a response has no body, whatever its length says (RFC 9112 section 6.3).
        _ if matches!(status, 204 | 304) => 0,
        Some(length) => std::str::from_utf8(length.value)?.parse()?,
        None => return Err(format!("a response without Content-Length: {status}").into()),
    };
    Ok(Some((status, body, body + length)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn response_ends_where_its_length_says() {
        let response = b"HTTP/1.1 201 Created\r\ncontent-length: 2\r\nx: y\r\n\r\n{}";
        assert_eq!(parse(response).unwrap(), Some((201, response.len() - 2, response.len())));
        assert_eq!(parse(&response[..30]).unwrap(), None);
        assert!(parse(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n").is_err());
    }

    #[test]
    fn response_without_a_body_ends_with_its_head() {
        for length in ["", "content-length: 300\r\n"] {
            let response = format!("HTTP/1.1 304 Not Modified\r\n{length}\r\n");
            assert_eq!(parse(response.as_bytes()).unwrap(), Some((304, response.len(), response.len())));
        }
    }

    #[test]
    fn header_is_found_in_any_case() {
        let answer = Answer { status: 200, head: b"HTTP/1.1 200 OK\r\nETag: \"7\"\r\n\r\n", body: b"" };
        assert_eq!(answer.header("etag").unwrap(), Some("\"7\"".to_owned()));
        assert_eq!(answer.header("location").unwrap(), None);
    }
}
