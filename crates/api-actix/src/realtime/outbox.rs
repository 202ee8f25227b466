//! What a WebSocket's client is sent, and how far it has got.
//!
//! Pings carry the number of bytes that were sent before them; their pongs tell that these were read. No more than a
//! window is ever on its way, in whosever buffers, so that a client that stops reading holds up kilobytes. The window
//! is less than what an HTTP connection buffers before it stops to ask for more, so that we are always asked.

use super::farewell::Farewell;
use actix_http::ws::{CloseReason, Codec, Message};
use actix_web::web::{Bytes, BytesMut};
use tokio_util::codec::Encoder;

/// Most bytes on their way, up to the end of the frame that exceeds it.
const WINDOW: u64 = 16 * 1024;

/// How many bytes go between two pings, at most.
const MARK: u64 = 4 * 1024;

/// Frames that are to be sent, and those that were.
pub struct Outbox {
    codec: Codec,
    buffer: BytesMut,
    sent: u64,
    marked: u64,
    read: u64,
}

impl Default for Outbox {
    fn default() -> Self {
        Self { codec: Codec::new(), buffer: BytesMut::new(), sent: 0, marked: 0, read: 0 }
    }
}

impl Outbox {
    /// Whether more may be sent.
    pub fn is_open(&self) -> bool {
        self.on_the_way() < WINDOW
    }

    /// Whether about all that was sent was read as well.
    pub fn is_nearly_read(&self) -> bool {
        self.on_the_way() < 2 * MARK
    }

    /// Whether something waits to be sent.
    pub fn has_frames(&self) -> bool {
        !self.buffer.is_empty()
    }

    fn on_the_way(&self) -> u64 {
        self.sent - self.read
    }

    /// A message.
    pub fn text(&mut self, text: String) {
        self.write(Message::Text(text.into()));
        if self.sent - self.marked >= MARK {
            self.ping();
        }
    }

    /// Asks whether the client is there, and how far it has read.
    pub fn ping(&mut self) {
        self.marked = self.sent;
        self.write(Message::Ping(Bytes::copy_from_slice(&self.sent.to_be_bytes())));
    }

    /// Answers a ping.
    pub fn pong(&mut self, payload: Bytes) {
        self.write(Message::Pong(payload));
    }

    /// The last frame.
    pub fn close(&mut self, farewell: Farewell) {
        let reason = CloseReason { code: farewell.code().into(), description: Some(farewell.reason().to_owned()) };
        self.write(Message::Close(Some(reason)));
    }

    /// The last frame, in answer to the client's.
    pub fn answer_close(&mut self, code: Option<u16>) {
        self.write(Message::Close(code.map(|code| CloseReason { code: code.into(), description: None })));
    }

    /// A pong has come. Whether the client has read on, by what the pong says.
    pub fn on_pong(&mut self, payload: &[u8]) -> bool {
        let Ok(mark) = payload.try_into().map(u64::from_be_bytes) else { return false };
        let progress = self.read < mark && mark <= self.marked;
        if progress {
            self.read = mark;
        }
        progress
    }

    /// What was written, to be sent now.
    pub fn take(&mut self) -> Option<Bytes> {
        (!self.buffer.is_empty()).then(|| std::mem::take(&mut self.buffer).freeze())
    }

    fn write(&mut self, message: Message) {
        let before = self.buffer.len();
        // Only a continuation of nothing can't be encoded.
        if let Err(error) = self.codec.encode(message, &mut self.buffer) {
            tracing::error!(%error, "a frame could not be encoded");
        }
        self.sent += (self.buffer.len() - before) as u64;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fill(outbox: &mut Outbox) -> usize {
        let mut messages = 0;
        while outbox.is_open() {
            outbox.text("x".repeat(300));
            messages += 1;
        }
        messages
    }

    /// What the client would answer to the pings in `sent`.
    fn pongs(sent: &[u8]) -> Vec<Vec<u8>> {
        let mut pongs = Vec::new();
        let mut rest = sent;
        while let [first, length, tail @ ..] = rest {
            let (length, tail) = match length {
                126 => (usize::from(u16::from_be_bytes(*tail.first_chunk().unwrap())), &tail[2..]),
                length => (usize::from(*length), tail),
            };
            let (payload, tail) = tail.split_at(length);
            if first & 0x0F == 9 {
                pongs.push(payload.to_vec());
            }
            rest = tail;
        }
        pongs
    }

    #[test]
    fn a_client_that_reads_nothing_is_sent_no_more_than_a_window() {
        let mut outbox = Outbox::default();
        fill(&mut outbox);
        let sent = outbox.take().unwrap();
        assert!((16 * 1024..17 * 1024).contains(&sent.len()), "{}", sent.len());
        assert!(!outbox.is_open() && !outbox.is_nearly_read() && outbox.take().is_none());
    }

    #[test]
    fn each_pong_opens_the_window_by_what_was_read() {
        let mut outbox = Outbox::default();
        let first = fill(&mut outbox);
        let pongs = pongs(&outbox.take().unwrap());
        assert!(pongs.len() >= 3);
        for pong in &pongs {
            assert!(outbox.on_pong(pong) && outbox.is_open());
            assert!(!outbox.on_pong(pong), "an old one says nothing new");
        }
        assert!(outbox.is_nearly_read());
        assert!(fill(&mut outbox) > first / 2);
    }

    #[test]
    fn a_pong_of_nothing_that_was_asked_opens_nothing() {
        let mut outbox = Outbox::default();
        fill(&mut outbox);
        for wrong in [&b""[..], b"abc", &u64::MAX.to_be_bytes(), &(1_u64 << 40).to_be_bytes(), &[0; 9]] {
            assert!(!outbox.on_pong(wrong));
        }
        assert!(!outbox.is_open());
    }

    #[test]
    fn a_close_frame_has_its_code_and_reason() {
        let mut outbox = Outbox::default();
        outbox.close(Farewell::Revoked);
        let frame = outbox.take().unwrap();
        assert_eq!(frame[0], 0x88);
        assert_eq!(frame[2..], [&4401_u16.to_be_bytes()[..], b"the token was revoked"].concat());
        outbox.answer_close(None);
        assert_eq!(outbox.take().unwrap(), [0x88, 0][..]);
    }
}
