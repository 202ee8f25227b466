//! Notifications as Server-Sent Events.

use super::{chunks::Chunks, response};
use crate::Outcome;
use mio::{Interest, Registry, Token, net::TcpStream};
use std::{
    io::{ErrorKind, Read},
    net::SocketAddr,
};

pub struct EventStream {
    stream: TcpStream,
    chunks: Chunks,
    /// Events that are not whole yet.
    text: Vec<u8>,
}

impl EventStream {
    pub fn open(address: SocketAddr, access_token: &str, registry: &Registry, token: Token) -> Outcome<Self> {
        let request = format!(
            "GET /events HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {access_token}\r\n\
             Accept: text/event-stream\r\n\r\n"
        );
        let opened = response::open(address, &request, 200)?;
        if !opened.is_chunked {
            return Err("the events don't come in chunks".into());
        }
        let mut stream = TcpStream::from_std(opened.stream);
        registry.register(&mut stream, token, Interest::READABLE)?;
        let mut events = Self { stream, chunks: Chunks::default(), text: Vec::new() };
        events.chunks.decode(&opened.rest, &mut events.text)?;
        Ok(events)
    }

    /// Calls `take` with the data of each event that is there.
    pub fn receive(&mut self, take: &mut dyn FnMut(&[u8]) -> Outcome) -> Outcome {
        let mut bytes = [0; 4096];
        loop {
            match self.stream.read(&mut bytes) {
                Ok(0) => return Err("the server closed a stream".into()),
                Ok(read) => self.chunks.decode(&bytes[..read], &mut self.text)?,
                Err(error) if error.kind() == ErrorKind::WouldBlock => break,
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(error.into()),
            }
        }
        let mut taken = 0;
        while let Some(length) = self.text[taken..].windows(2).position(|end| end == b"\n\n") {
            if let Some(data) = data(&self.text[taken..taken + length])? {
                take(data)?;
            }
            taken += length + 2;
        }
        self.text.drain(..taken);
        Ok(())
    }
}

/// The data of an event; comments and positions have none. Fails at the last one.
fn data(event: &[u8]) -> Outcome<Option<&[u8]>> {
    if event.starts_with(b"event: close") {
        return Err(format!("the server ended a stream: {}", String::from_utf8_lossy(event)).into());
    }
    Ok(event.split(|byte| *byte == b'\n').find_map(|line| line.strip_prefix(b"data: ")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn notification_is_the_data_of_its_event() {
        assert_eq!(data(b"id: 7\ndata: {\"seq\":7}").unwrap(), Some(&b"{\"seq\":7}"[..]));
        for other in [&b":"[..], b"retry: 2000", b"id: 7"] {
            assert_eq!(data(other).unwrap(), None);
        }
        assert!(data(b"event: close\ndata: {\"code\":1012}").is_err());
    }
}
