//! Writes the frames for the client of a WebSocket, with flow control.
//!
//! Each ping carries the number of bytes that were sent before it; its pong acknowledges them. At most a window of
//! bytes is unacknowledged, in whichever buffers they are, so that a client that stops reading costs kilobytes. The
//! window is smaller than the buffer of an HTTP connection, which therefore always polls for more.

use super::close_reason::CloseReason;
use actix_http::ws::{self, Codec, Message};
use actix_web::web::{Bytes, BytesMut};
use tokio_util::codec::Encoder;

/// Maximum of unacknowledged bytes. The frame that exceeds it is still sent.
const WINDOW: u64 = 16 * 1024;

/// Maximum bytes between two pings.
const MARK: u64 = 4 * 1024;

/// Encodes frames, and counts the bytes that were sent and acknowledged.
pub struct FrameWriter {
    codec: Codec,
    buffer: BytesMut,
    sent: u64,
    /// The value of `sent` at the last ping.
    pinged: u64,
    acknowledged: u64,
}

impl Default for FrameWriter {
    fn default() -> Self {
        Self { codec: Codec::new(), buffer: BytesMut::new(), sent: 0, pinged: 0, acknowledged: 0 }
    }
}

impl FrameWriter {
    /// Whether more may be sent: the window is not exceeded.
    pub fn is_open(&self) -> bool {
        self.unacknowledged() < WINDOW
    }

    /// Whether nearly all that was sent is acknowledged.
    pub fn is_nearly_acknowledged(&self) -> bool {
        self.unacknowledged() < 2 * MARK
    }

    /// Whether frames are encoded that [`Self::take`] has not returned.
    pub fn has_frames(&self) -> bool {
        !self.buffer.is_empty()
    }

    fn unacknowledged(&self) -> u64 {
        self.sent - self.acknowledged
    }

    /// Writes a text message.
    pub fn text(&mut self, text: String) {
        self.write(Message::Text(text.into()));
        if self.sent - self.pinged >= MARK {
            self.ping();
        }
    }

    /// Writes a ping, whose pong acknowledges what was sent before.
    pub fn ping(&mut self) {
        self.pinged = self.sent;
        self.write(Message::Ping(Bytes::copy_from_slice(&self.sent.to_be_bytes())));
    }

    /// Writes the answer to a ping.
    pub fn pong(&mut self, payload: Bytes) {
        self.write(Message::Pong(payload));
    }

    /// Writes a close frame.
    pub fn close(&mut self, reason: CloseReason) {
        let reason = ws::CloseReason { code: reason.code().into(), description: Some(reason.reason().to_owned()) };
        self.write(Message::Close(Some(reason)));
    }

    /// Writes the answer to the client's close frame.
    pub fn answer_close(&mut self, code: Option<u16>) {
        self.write(Message::Close(code.map(|code| ws::CloseReason { code: code.into(), description: None })));
    }

    /// Reads the acknowledgement in a pong, and returns whether it is a new one.
    pub fn on_pong(&mut self, payload: &[u8]) -> bool {
        let Ok(acknowledged) = payload.try_into().map(u64::from_be_bytes) else { return false };
        let progress = self.acknowledged < acknowledged && acknowledged <= self.pinged;
        if progress {
            self.acknowledged = acknowledged;
        }
        progress
    }

    /// Returns the encoded frames and empties the buffer; `None` if there are none.
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

    fn fill(writer: &mut FrameWriter) -> usize {
        let mut messages = 0;
        while writer.is_open() {
            writer.text("x".repeat(300));
            messages += 1;
        }
        messages
    }

    /// The payloads of the client's answers to the pings in `sent`.
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
        let mut writer = FrameWriter::default();
        fill(&mut writer);
        let sent = writer.take().unwrap();
        assert!((16 * 1024..17 * 1024).contains(&sent.len()), "{}", sent.len());
        assert!(!writer.is_open() && !writer.is_nearly_acknowledged() && writer.take().is_none());
    }

    #[test]
    fn each_pong_opens_the_window_by_what_was_read() {
        let mut writer = FrameWriter::default();
        let first = fill(&mut writer);
        let pongs = pongs(&writer.take().unwrap());
        assert!(pongs.len() >= 3);
        for pong in &pongs {
            assert!(writer.on_pong(pong) && writer.is_open());
            assert!(!writer.on_pong(pong), "an old one says nothing new");
        }
        assert!(writer.is_nearly_acknowledged());
        assert!(fill(&mut writer) > first / 2);
    }

    #[test]
    fn a_pong_of_nothing_that_was_asked_opens_nothing() {
        let mut writer = FrameWriter::default();
        fill(&mut writer);
        for wrong in [&b""[..], b"abc", &u64::MAX.to_be_bytes(), &(1_u64 << 40).to_be_bytes(), &[0; 9]] {
            assert!(!writer.on_pong(wrong));
        }
        assert!(!writer.is_open());
    }

    #[test]
    fn a_close_frame_has_its_code_and_reason() {
        let mut writer = FrameWriter::default();
        writer.close(CloseReason::Revoked);
        let frame = writer.take().unwrap();
        assert_eq!(frame[0], 0x88);
        assert_eq!(frame[2..], [&4401_u16.to_be_bytes()[..], b"the token was revoked"].concat());
        writer.answer_close(None);
        assert_eq!(writer.take().unwrap(), [0x88, 0][..]);
    }
}
