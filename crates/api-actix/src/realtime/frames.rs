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

    /// The next frame that has arrived.
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
mod tests {
    use super::*;

    const FINAL: u8 = 0x80;
    const TEXT: u8 = 1;
    const CONTINUATION: u8 = 0;
    const PING: u8 = 9;
    const PONG: u8 = 0xA;

    /// A frame with a mask that changes nothing.
    fn frame(first: u8, payload: &[u8]) -> Vec<u8> {
        let mut frame = vec![first];
        match payload.len() {
            length @ 0..126 => frame.push(0x80 | u8::try_from(length).unwrap()),
            length @ 126..0x1_0000 => {
                frame.push(0xFE);
                frame.extend(u16::try_from(length).unwrap().to_be_bytes());
            }
            length => {
                frame.push(0xFF);
                frame.extend((length as u64).to_be_bytes());
            }
        }
        frame.extend([0; 4]);
        frame.extend(payload);
        frame
    }

    /// All that is read of `bytes`, whichever way they are cut up.
    fn read(bytes: &[u8]) -> Vec<ClientFrame> {
        let of_pieces = |size| {
            let mut frames = Frames::default();
            let mut read = Vec::new();
            for piece in bytes.chunks(size) {
                frames.push(Bytes::copy_from_slice(piece));
                while let Some(inbound) = frames.parse() {
                    read.push(inbound);
                }
                assert!(frames.buffer.len() <= MAX_MESSAGE + 14 + size);
            }
            read
        };
        let whole = of_pieces(bytes.len());
        assert!([1, 2, 7, 1000].into_iter().all(|size| of_pieces(size) == whole));
        whole
    }

    #[test]
    fn control_frames_are_read_and_messages_passed_over() {
        let bytes = [
            frame(FINAL | TEXT, b"hello"),
            frame(FINAL | PING, b"there?"),
            frame(FINAL | 2, &[0; MAX_MESSAGE]),
            frame(FINAL | PONG, b""),
            frame(FINAL | 8, &[0x0F, 0xA0, b'x']),
            frame(FINAL | 8, b""),
        ];
        let expected = [
            ClientFrame::Message,
            ClientFrame::Ping(Bytes::from_static(b"there?")),
            ClientFrame::Message,
            ClientFrame::Pong(Bytes::new()),
            ClientFrame::Close(Some(4000)),
            ClientFrame::Close(None),
        ];
        assert_eq!(read(&bytes.concat()), expected);
    }

    #[test]
    fn a_frame_over_4_kib_is_refused_by_its_head_and_skipped() {
        let too_long = frame(FINAL | TEXT, &[b'x'; MAX_MESSAGE + 1]);
        assert_eq!(read(&too_long[..8]), [ClientFrame::TooLarge]);
        let bytes = [too_long, frame(FINAL | 8, b"")].concat();
        assert_eq!(read(&bytes), [ClientFrame::TooLarge, ClientFrame::Close(None)]);
    }

    #[test]
    fn the_frames_of_a_message_count_together() {
        let half = [b'x'; MAX_MESSAGE / 2];
        let bytes = [frame(TEXT, &half), frame(FINAL | PING, b""), frame(CONTINUATION, &half)].concat();
        let ignored = [ClientFrame::Message, ClientFrame::Ping(Bytes::new()), ClientFrame::Message];
        assert_eq!(read(&bytes), ignored);
        let next = [frame(FINAL, b""), frame(FINAL | TEXT, &half)].concat();
        assert_eq!(read(&[bytes.clone(), next].concat())[3..], [ClientFrame::Message, ClientFrame::Message]);
        assert_eq!(read(&[bytes, frame(FINAL, b"x")].concat())[3..], [ClientFrame::TooLarge]);
    }

    #[test]
    fn after_what_is_no_frame_nothing_is_read() {
        let unmasked = vec![FINAL | TEXT, 1, b'x', 0, 0, 0, 0];
        let ping_in_parts = frame(PING, b"");
        let long_ping = frame(FINAL | PING, &[0; 126]);
        let reserved = frame(FINAL | 0x40 | TEXT, b"x");
        let never_begun = frame(FINAL, b"x");
        for wrong in [unmasked, ping_in_parts, long_ping, reserved, never_begun, frame(FINAL | 3, b"")] {
            let bytes = [wrong.clone(), frame(FINAL | PING, b"")].concat();
            assert_eq!(read(&bytes), [ClientFrame::Malformed], "{wrong:?}");
        }
    }

    #[test]
    fn a_text_that_is_not_utf8_ends_it() {
        for wrong in [&b"\xFF"[..], b"a\xC3", b"\xC0\xAF", b"\xED\xA0\x80", b"\xF4\x90\x80\x80"] {
            let bytes = [frame(FINAL | TEXT, wrong), frame(FINAL | PING, b"")].concat();
            assert_eq!(read(&bytes), [ClientFrame::NotUtf8], "{wrong:?}");
            let parts = [frame(TEXT, b"good"), frame(CONTINUATION, wrong), frame(FINAL, b"")].concat();
            assert_eq!(read(&parts).last(), Some(&ClientFrame::NotUtf8), "{wrong:?}");
            let reason = [&[0x03, 0xE8][..], wrong].concat();
            assert_eq!(read(&frame(FINAL | 8, &reason)), [ClientFrame::NotUtf8], "{wrong:?}");
            // Of other messages it isn't asked.
            assert_eq!(read(&frame(FINAL | 2, wrong)), [ClientFrame::Message]);
            let parts = [frame(2, wrong), frame(CONTINUATION, wrong), frame(FINAL, wrong)].concat();
            assert_eq!(read(&parts), [ClientFrame::Message, ClientFrame::Message, ClientFrame::Message]);
        }
    }

    #[test]
    fn a_character_may_be_cut_by_frames() {
        let bytes = "🐢é".as_bytes();
        for cut in 1..bytes.len() {
            let (begin, end) = bytes.split_at(cut);
            let parts = [frame(TEXT, begin), frame(FINAL | PING, b""), frame(FINAL, end)].concat();
            assert_eq!(
                read(&parts),
                [ClientFrame::Message, ClientFrame::Ping(Bytes::new()), ClientFrame::Message],
                "{cut}"
            );
        }
    }

    #[test]
    fn a_close_frame_with_a_code_that_is_none_is_malformed() {
        for code in [0_u16, 999, 1004, 1005, 1006, 1015, 2999, 5000] {
            assert_eq!(read(&frame(FINAL | 8, &code.to_be_bytes())), [ClientFrame::Malformed], "{code}");
        }
        assert_eq!(read(&frame(FINAL | 8, b"x")), [ClientFrame::Malformed]);
    }

    #[test]
    fn not_without_end_is_read_what_is_thrown_away() {
        let mut frames = Frames::default();
        // 2^56 bytes.
        frames.push(Bytes::from_static(&[FINAL | TEXT, 0xFF, 1, 0, 0, 0, 0, 0, 0, 0]));
        assert_eq!(frames.parse(), Some(ClientFrame::TooLarge));
        let mebibyte = Bytes::from(vec![0; 1 << 20]);
        let given_up = (0..64).position(|_| {
            frames.push(mebibyte.clone());
            frames.parse() == Some(ClientFrame::Disconnected)
        });
        assert_eq!(given_up, Some(15), "the head counts as well");
    }
}
