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

    /// The status of the response, once it is there as a whole.
    pub fn receive(&mut self) -> Outcome<Option<u16>> {
        loop {
            match self.stream.read(&mut self.response[self.filled..]) {
                Ok(0) => return Err("the server closed a connection, or its response is too long".into()),
                Ok(read) => self.filled += read,
                Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(None),
                Err(error) if error.kind() == ErrorKind::Interrupted => continue,
                Err(error) => return Err(error.into()),
            }
            // There is nothing behind the response: no need to read until the socket is empty.
            if let Some((status, length)) = parse(&self.response[..self.filled])?
                && self.filled >= length
            {
                self.filled = 0;
                self.is_waiting = false;
                return Ok(Some(status));
            }
        }
    }
}

/// The status of a response and its length, once its head is there.
fn parse(response: &[u8]) -> Outcome<Option<(u16, usize)>> {
    let mut headers = [httparse::EMPTY_HEADER; 32];
    let mut head = httparse::Response::new(&mut headers);
    let httparse::Status::Complete(body) = head.parse(response)? else { return Ok(None) };
    let status = head.code.ok_or("a response without a status")?;
    let length = head.headers.iter().find(|header| header.name.eq_ignore_ascii_case("content-length"));
    let length: usize = match length {
        Some(length) => std::str::from_utf8(length.value)?.parse()?,
        None => return Err(format!("a response without Content-Length: {status}").into()),
    };
    Ok(Some((status, body + length)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn response_ends_where_its_length_says() {
        let response = b"HTTP/1.1 201 Created\r\ncontent-length: 2\r\nx: y\r\n\r\n{}";
        assert_eq!(parse(response).unwrap(), Some((201, response.len())));
        assert_eq!(parse(&response[..30]).unwrap(), None);
        assert!(parse(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n").is_err());
    }
}
