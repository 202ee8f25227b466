//! Reads the SQLSTATE of errors from a connection's stream. Diesel's errors have only the text, whose language is the
//! server's.

use crate::sqlstate::{LatestState, SqlState};
use std::{
    io,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready},
};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// A stream from a server that stores the SQLSTATE of the errors in it.
pub(super) struct SqlStateReader<S> {
    stream: S,
    messages: Messages,
    latest: Arc<LatestState>,
}

impl<S> SqlStateReader<S> {
    /// `stream` has to be at the first message: the negotiation of TLS consists of none.
    pub(super) fn new(stream: S, latest: Arc<LatestState>) -> Self {
        Self { stream, messages: Messages::default(), latest }
    }

    pub(super) fn stream(&self) -> &S {
        &self.stream
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for SqlStateReader<S> {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let begin = buffer.filled().len();
        ready!(Pin::new(&mut self.stream).poll_read(cx, buffer))?;
        let Self { messages, latest, .. } = &mut *self;
        messages.read(&buffer.filled()[begin..], |state| latest.set(state));
        Poll::Ready(Ok(()))
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for SqlStateReader<S> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(cx, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}

/// The length of a message's header: its type and length.
const HEADER: usize = 5;

/// The type of `ErrorResponse`, and the field of it that has the SQLSTATE (PostgreSQL's manual, 55.7 and 55.8).
const ERROR: u8 = b'E';
const CODE: u8 = b'C';

/// How many bytes of an error are kept. The SQLSTATE is near its beginning.
const KEPT: usize = 1024;

/// The parser's position in the sequence of messages.
#[derive(Default)]
struct Messages {
    header: [u8; HEADER],
    /// How many bytes of the header have been read.
    filled: usize,
    /// How many bytes of the message are still to be read.
    left: usize,
    /// The part of an error that has been read.
    error: Vec<u8>,
}

impl Messages {
    fn read(&mut self, mut bytes: &[u8], mut report: impl FnMut(SqlState)) {
        while !bytes.is_empty() {
            if self.filled < HEADER {
                let (taken, rest) = bytes.split_at(bytes.len().min(HEADER - self.filled));
                self.header[self.filled..self.filled + taken.len()].copy_from_slice(taken);
                self.filled += taken.len();
                bytes = rest;
                if self.filled < HEADER {
                    return;
                }
                let [_, length @ ..] = self.header;
                // The length includes its own four bytes.
                self.left = usize::try_from(u32::from_be_bytes(length)).unwrap_or(usize::MAX).saturating_sub(4);
            } else {
                let (taken, rest) = bytes.split_at(bytes.len().min(self.left));
                if self.header[0] == ERROR {
                    self.error.extend_from_slice(&taken[..taken.len().min(KEPT - self.error.len())]);
                }
                self.left -= taken.len();
                bytes = rest;
            }
            if self.left == 0 {
                if let Some(state) = code(&self.error) {
                    report(state);
                }
                self.error.clear();
                self.filled = 0;
            }
        }
    }
}

/// The SQLSTATE of an error, whose fields each consist of a type and a text that ends with a zero.
fn code(error: &[u8]) -> Option<SqlState> {
    let mut fields = error.split(|byte| *byte == 0).filter_map(<[u8]>::split_first);
    fields.find(|(kind, _)| **kind == CODE).and_then(|(_, code)| SqlState::new(code))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(kind: u8, body: &[u8]) -> Vec<u8> {
        let length = u32::try_from(body.len() + 4).unwrap().to_be_bytes();
        [&[kind], &length[..], body].concat()
    }

    #[test]
    fn sqlstates_are_found_however_the_bytes_come() {
        let long = [b"SFEHLER\0VERROR\0C53100\0M".to_vec(), vec![b'x'; 5000], b"\0\0".to_vec()].concat();
        let bytes = [
            message(b'R', &[0, 0, 0, 0]),
            message(b'1', b""),
            message(b'D', b"E\0\0\0\x0bC25006\0\0"),
            message(ERROR, b"SERROR\0VERROR\0C25006\0Mcannot execute\0\0"),
            message(b'N', b"SWARNING\0C01000\0\0"),
            message(ERROR, &long),
            message(b'Z', b"I"),
            message(ERROR, b"C57P01\0\0"),
        ]
        .concat();
        for size in [1, 2, 3, 7, 64, bytes.len()] {
            let (mut messages, mut found) = (Messages::default(), Vec::new());
            for part in bytes.chunks(size) {
                messages.read(part, |state| found.push(state.to_string()));
            }
            assert_eq!(found, ["25006", "53100", "57P01"], "{size} bytes at a time");
        }
    }

    #[test]
    fn error_without_a_sqlstate_reports_none() {
        for body in [&b""[..], b"\0", b"SERROR\0\0", b"C2500\0\0", b"C250066\0\0"] {
            let mut messages = Messages::default();
            messages.read(&message(ERROR, body), |state| panic!("{state}"));
            assert_eq!((messages.filled, messages.left), (0, 0));
        }
    }
}
