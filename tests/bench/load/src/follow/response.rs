//! Opens connections that stay open after the head of their response.

use super::DEADLINE;
use crate::{Outcome, connection::HEADERS};
use std::{
    io::{Read, Write},
    net::{SocketAddr, TcpStream},
};

/// A connection on which the server sends at any time.
pub struct Open {
    /// It doesn't block.
    pub stream: TcpStream,
    /// What came with the head, but behind it.
    pub rest: Vec<u8>,
    pub is_chunked: bool,
}

/// Sends a request and waits for the head of the response, which must have this status.
pub fn open(address: SocketAddr, request: &str, status: u16) -> Outcome<Open> {
    let mut stream = TcpStream::connect(address)?;
    stream.set_nodelay(true)?;
    stream.set_read_timeout(Some(DEADLINE))?;
    stream.write_all(request.as_bytes())?;
    let mut received = Vec::new();
    let mut chunk = [0; 4096];
    loop {
        let read = stream.read(&mut chunk)?;
        if read == 0 {
            return Err("the server closed a connection before it responded".into());
        }
        received.extend_from_slice(&chunk[..read]);
        if let Some(Head { status: found, length, is_chunked }) = parse(&received)? {
            if found != status {
                return Err(format!("{found} instead of {status}: {}", String::from_utf8_lossy(&received)).into());
            }
            stream.set_nonblocking(true)?;
            return Ok(Open { stream, rest: received.split_off(length), is_chunked });
        }
    }
}

#[derive(Debug, PartialEq)]
struct Head {
    status: u16,
    length: usize,
    is_chunked: bool,
}

/// The head of a response, once it is there.
fn parse(received: &[u8]) -> Outcome<Option<Head>> {
    let mut headers = [httparse::EMPTY_HEADER; HEADERS];
    let mut response = httparse::Response::new(&mut headers);
    let httparse::Status::Complete(length) = response.parse(received)? else { return Ok(None) };
    let status = response.code.ok_or("a response without a status")?;
    let coding = response.headers.iter().find(|header| header.name.eq_ignore_ascii_case("transfer-encoding"));
    Ok(Some(Head { status, length, is_chunked: coding.is_some_and(|coding| coding.value == b"chunked") }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn head_ends_before_the_first_message() {
        let head = b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\r\n";
        let received = [&head[..], b"\x81\x02{}"].concat();
        let expected = Head { status: 101, length: head.len(), is_chunked: false };
        assert_eq!(parse(&received).unwrap(), Some(expected));
        assert_eq!(parse(&head[..20]).unwrap(), None);
    }

    #[test]
    fn coding_of_the_body_is_in_the_head() {
        let head = parse(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n").unwrap().unwrap();
        assert_eq!((head.status, head.is_chunked), (200, true));
    }
}
