//! Parses the frames that the client of a WebSocket sends.
//!
//! Messages are discarded, as the protocol has none from the client. A frame that is too long is recognized by its
//! head, before its payload has arrived, so that no payload is buffered.

use super::{frame_head::Head, utf8::Utf8Validator};
use actix_http::ws::{Codec, Frame, Item};
use actix_web::web::{Buf, Bytes, BytesMut};
use tokio_util::codec::Decoder;

/// Maximum bytes of a message, over all its frames.
pub const MAX_MESSAGE: usize = 4 * 1024;

/// Maximum bytes that are read and discarded after an error. Reading on lets a client that is still sending receive the
/// reason for the close.
const MAX_SKIPPED: u64 = 16 * 1024 * 1024;

/// A frame from a client, or what is wrong with it.
#[derive(Debug, PartialEq, Eq)]
pub enum ClientFrame {
    Ping(Bytes),
    Pong(Bytes),
    /// A close frame, with its code.
    Close(Option<u16>),
    /// A message, or a part of one, which is discarded.
    Message,
    /// The message is longer than [`MAX_MESSAGE`]. The rest of the frame is discarded.
    TooLarge,
    /// The bytes are not a valid frame. All that follows is discarded.
    Malformed,
    /// A text is not UTF-8. All that follows is discarded.
    NotUtf8,
    /// The connection has ended, or too much was discarded.
    Disconnected,
}

/// Splits received bytes into frames.
pub(super) struct Frames {
    buffer: BytesMut,
    codec: Codec,
    /// Bytes of the fragmented message so far.
    message: usize,
    /// Validates the fragmented message, if it is a text.
    text: Option<Utf8Validator>,
    /// Bytes to discard before the next frame.
    skip: u64,
    /// Bytes that were discarded in total.
    skipped: u64,
}

impl Default for Frames {
    fn default() -> Self {
        Self {
            buffer: BytesMut::new(),
            codec: Codec::new().max_size(MAX_MESSAGE),
            message: 0,
            text: None,
            skip: 0,
            skipped: 0,
        }
    }
}

impl Frames {
    pub fn push(&mut self, bytes: Bytes) {
        if self.buffer.is_empty() {
            self.buffer = bytes.into();
        } else {
            self.buffer.extend_from_slice(&bytes);
        }
    }

    /// Returns the next complete frame; `None` until more bytes have arrived.
    pub fn parse(&mut self) -> Option<ClientFrame> {
        let frame = self.parse_buffer();
        if self.buffer.is_empty() {
            // An empty buffer would keep the connection's read buffer alive.
            self.buffer = BytesMut::new();
        }
        frame
    }

    fn parse_buffer(&mut self) -> Option<ClientFrame> {
        if self.skip > 0 {
            let skipped = usize::try_from(self.skip).unwrap_or(usize::MAX).min(self.buffer.len());
            self.buffer.advance(skipped);
            self.skip -= skipped as u64;
            self.skipped += skipped as u64;
            if self.skipped > MAX_SKIPPED {
                return Some(ClientFrame::Disconnected);
            }
        }
        let head = Head::peek(&self.buffer)?;
        if head.is_control && !head.is_final {
            return Some(self.malformed());
        }
        if head.payload > MAX_MESSAGE as u64 {
            self.skip = head.length.saturating_add(head.payload);
            return Some(ClientFrame::TooLarge);
        }
        let close = head.is_close.then(|| head.unmasked(&self.buffer)).flatten();
        match self.codec.decode(&mut self.buffer) {
            Ok(frame) => frame.map(|frame| self.client_frame(frame)),
            // The codec refuses a close frame whose reason isn't UTF-8 like any other that is wrong.
            Err(_) if close.is_some_and(|payload| has_wrong_reason(&payload)) => Some(self.not_utf8()),
            Err(_) => Some(self.malformed()),
        }
    }

    fn client_frame(&mut self, frame: Frame) -> ClientFrame {
        match frame {
            Frame::Ping(payload) => ClientFrame::Ping(payload),
            Frame::Pong(payload) => ClientFrame::Pong(payload),
            Frame::Text(text) if std::str::from_utf8(&text).is_err() => self.not_utf8(),
            Frame::Close(reason) => ClientFrame::Close(reason.map(|reason| reason.code.into())),
            Frame::Text(_) | Frame::Binary(_) => ClientFrame::Message,
            Frame::Continuation(part) => {
                if !self.continues_text(&part) {
                    return self.not_utf8();
                }
                self.message = match &part {
                    Item::FirstText(part) | Item::FirstBinary(part) => part.len(),
                    Item::Continue(part) | Item::Last(part) => self.message.saturating_add(part.len()),
                };
                if self.message > MAX_MESSAGE { ClientFrame::TooLarge } else { ClientFrame::Message }
            }
        }
    }

    /// Whether a fragment is valid UTF-8, or belongs to a binary message.
    fn continues_text(&mut self, part: &Item) -> bool {
        match part {
            Item::FirstText(part) => self.text.insert(Utf8Validator::default()).accepts(part),
            Item::FirstBinary(_) => {
                self.text = None;
                true
            }
            Item::Continue(part) => self.text.as_mut().is_none_or(|text| text.accepts(part)),
            Item::Last(part) => self.text.take().is_none_or(|mut text| text.accepts(part) && text.is_complete()),
        }
    }

    fn malformed(&mut self) -> ClientFrame {
        self.skip = u64::MAX;
        ClientFrame::Malformed
    }

    fn not_utf8(&mut self) -> ClientFrame {
        self.skip = u64::MAX;
        ClientFrame::NotUtf8
    }
}

/// Whether the text behind the code of a close frame isn't UTF-8 (RFC 6455 section 5.5.1).
fn has_wrong_reason(payload: &[u8]) -> bool {
    payload.get(2..).is_some_and(|reason| std::str::from_utf8(reason).is_err())
}

#[cfg(test)]
mod tests;
