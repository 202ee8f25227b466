//! What a WebSocket's client sends. All of it is read, and next to nothing kept: a frame that is too long is known by
//! its head, before it has come.

use actix_http::ws::{Codec, Frame, Item};
use actix_web::{
    dev::Payload,
    web::{Buf, Bytes, BytesMut},
};
use futures_util::StreamExt;
use tokio_util::codec::Decoder;

/// Most bytes of a message, in however many frames it comes.
pub const MAX_MESSAGE: usize = 4 * 1024;

/// Most bytes that are read only to be thrown away, so that a client which is still sending gets to see why it is
/// closed.
const MAX_SKIPPED: u64 = 16 * 1024 * 1024;

/// What a client says.
#[derive(Debug, PartialEq, Eq)]
pub enum Inbound {
    /// It asks whether we are there.
    Ping(Bytes),
    /// It is there.
    Pong(Bytes),
    /// It wants to end, and says with which code.
    Close(Option<u16>),
    /// A message, or a part of one, that nobody reads.
    Ignored,
    /// A message that is too long. What comes of it is thrown away.
    TooLarge,
    /// No frame. What comes from now on is thrown away.
    Malformed,
    /// A text that isn't UTF-8. What comes from now on is thrown away.
    NotUtf8,
    /// There is nobody any more.
    Gone,
}

/// Reads frames.
pub struct Inbox {
    payload: Payload,
    frames: Frames,
}

impl Inbox {
    /// From the body of the request that became the WebSocket.
    pub fn new(payload: Payload) -> Self {
        Self { payload, frames: Frames::default() }
    }

    /// Waits for the next frame. May be dropped while it waits, and called again.
    pub async fn next(&mut self) -> Inbound {
        loop {
            if let Some(inbound) = self.frames.parse() {
                return inbound;
            }
            match self.payload.next().await {
                Some(Ok(bytes)) => self.frames.push(bytes),
                Some(Err(_)) | None => return Inbound::Gone,
            }
        }
    }

    /// Waits until the client has said its last. May be dropped while it waits, and called again.
    pub async fn end(&mut self) {
        while !matches!(self.next().await, Inbound::Close(_) | Inbound::Gone) {}
    }
}

/// Bytes on their way to frames.
struct Frames {
    buffer: BytesMut,
    codec: Codec,
    /// Bytes of the message that has begun.
    message: usize,
    /// The text of the message that has begun, where it is one.
    text: Option<Utf8>,
    /// Bytes to throw away before the next frame.
    skip: u64,
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
    fn push(&mut self, bytes: Bytes) {
        if self.buffer.is_empty() {
            self.buffer = bytes.into();
        } else {
            self.buffer.extend_from_slice(&bytes);
        }
    }

    fn parse(&mut self) -> Option<Inbound> {
        let inbound = self.parse_whole();
        if self.buffer.is_empty() {
            // It shares what the connection reads into next.
            self.buffer = BytesMut::new();
        }
        inbound
    }

    fn parse_whole(&mut self) -> Option<Inbound> {
        if self.skip > 0 {
            let skipped = usize::try_from(self.skip).unwrap_or(usize::MAX).min(self.buffer.len());
            self.buffer.advance(skipped);
            self.skip -= skipped as u64;
            self.skipped += skipped as u64;
            if self.skipped > MAX_SKIPPED {
                return Some(Inbound::Gone);
            }
        }
        let head = Head::peek(&self.buffer)?;
        if head.is_control && !head.is_final {
            return Some(self.malformed());
        }
        if head.payload > MAX_MESSAGE as u64 {
            self.skip = head.length.saturating_add(head.payload);
            return Some(Inbound::TooLarge);
        }
        let close = head.is_close.then(|| head.unmasked(&self.buffer)).flatten();
        match self.codec.decode(&mut self.buffer) {
            Ok(frame) => frame.map(|frame| self.inbound(frame)),
            // The codec refuses a close frame whose reason isn't UTF-8 like any other that is wrong.
            Err(_) if close.is_some_and(|payload| has_wrong_reason(&payload)) => Some(self.not_utf8()),
            Err(_) => Some(self.malformed()),
        }
    }

    fn inbound(&mut self, frame: Frame) -> Inbound {
        match frame {
            Frame::Ping(payload) => Inbound::Ping(payload),
            Frame::Pong(payload) => Inbound::Pong(payload),
            Frame::Text(text) if std::str::from_utf8(&text).is_err() => self.not_utf8(),
            Frame::Close(reason) => Inbound::Close(reason.map(|reason| reason.code.into())),
            Frame::Text(_) | Frame::Binary(_) => Inbound::Ignored,
            Frame::Continuation(part) => {
                if !self.continues_text(&part) {
                    return self.not_utf8();
                }
                self.message = match &part {
                    Item::FirstText(part) | Item::FirstBinary(part) => part.len(),
                    Item::Continue(part) | Item::Last(part) => self.message.saturating_add(part.len()),
                };
                if self.message > MAX_MESSAGE { Inbound::TooLarge } else { Inbound::Ignored }
            }
        }
    }

    /// Whether a part of a message goes on with UTF-8, where it is a part of a text.
    fn continues_text(&mut self, part: &Item) -> bool {
        match part {
            Item::FirstText(part) => self.text.insert(Utf8::default()).accepts(part),
            Item::FirstBinary(_) => {
                self.text = None;
                true
            }
            Item::Continue(part) => self.text.as_mut().is_none_or(|text| text.accepts(part)),
            Item::Last(part) => self.text.take().is_none_or(|mut text| text.accepts(part) && text.is_whole()),
        }
    }

    fn malformed(&mut self) -> Inbound {
        self.skip = u64::MAX;
        Inbound::Malformed
    }

    fn not_utf8(&mut self) -> Inbound {
        self.skip = u64::MAX;
        Inbound::NotUtf8
    }
}

/// Whether the text behind the code of a close frame isn't UTF-8 (RFC 6455 section 5.5.1).
fn has_wrong_reason(payload: &[u8]) -> bool {
    payload.get(2..).is_some_and(|reason| std::str::from_utf8(reason).is_err())
}

/// Checks UTF-8 that comes in pieces.
#[derive(Default)]
struct Utf8 {
    /// The begin of a character whose end hasn't come: at most three bytes.
    begun: Vec<u8>,
}

impl Utf8 {
    /// Whether this goes on with UTF-8.
    fn accepts(&mut self, part: &[u8]) -> bool {
        self.begun.extend_from_slice(part);
        match std::str::from_utf8(&self.begun) {
            Ok(_) => {
                self.begun.clear();
                true
            }
            Err(error) => {
                self.begun.drain(..error.valid_up_to());
                error.error_len().is_none()
            }
        }
    }

    /// Whether the last character has come whole.
    fn is_whole(&self) -> bool {
        self.begun.is_empty()
    }
}

/// What stands before the payload of a frame (RFC 6455 section 5.2).
struct Head {
    is_control: bool,
    is_final: bool,
    is_close: bool,
    length: u64,
    payload: u64,
}

impl Head {
    /// The head of a frame from a client, if all of it has come.
    fn peek(bytes: &[u8]) -> Option<Self> {
        let (first, second) = (*bytes.first()?, *bytes.get(1)?);
        let (extended, payload) = match second & 0x7F {
            126 => (2, u64::from(u16::from_be_bytes(*bytes.get(2..)?.first_chunk()?))),
            127 => (8, u64::from_be_bytes(*bytes.get(2..)?.first_chunk()?)),
            length => (0, u64::from(length)),
        };
        Some(Self {
            is_control: first & 0x08 != 0,
            is_final: first & 0x80 != 0,
            is_close: first & 0x0F == 8,
            length: 2 + extended + 4,
            payload,
        })
    }

    /// The payload of the frame at the begin of `bytes`, without its mask, if all of it has come.
    fn unmasked(&self, bytes: &[u8]) -> Option<Vec<u8>> {
        let begin = usize::try_from(self.length).ok()?;
        let payload = bytes.get(begin..begin.checked_add(usize::try_from(self.payload).ok()?)?)?;
        let mask = bytes.get(begin - 4..begin)?;
        Some(payload.iter().zip(mask.iter().cycle()).map(|(byte, mask)| byte ^ mask).collect())
    }
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
    fn read(bytes: &[u8]) -> Vec<Inbound> {
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
            Inbound::Ignored,
            Inbound::Ping(Bytes::from_static(b"there?")),
            Inbound::Ignored,
            Inbound::Pong(Bytes::new()),
            Inbound::Close(Some(4000)),
            Inbound::Close(None),
        ];
        assert_eq!(read(&bytes.concat()), expected);
    }

    #[test]
    fn a_message_over_4_kib_is_known_by_its_head_and_what_follows_it_is_read() {
        let too_long = frame(FINAL | TEXT, &[b'x'; MAX_MESSAGE + 1]);
        assert_eq!(read(&too_long[..8]), [Inbound::TooLarge]);
        let bytes = [too_long, frame(FINAL | 8, b"")].concat();
        assert_eq!(read(&bytes), [Inbound::TooLarge, Inbound::Close(None)]);
    }

    #[test]
    fn the_frames_of_a_message_count_together() {
        let half = [b'x'; MAX_MESSAGE / 2];
        let bytes = [frame(TEXT, &half), frame(FINAL | PING, b""), frame(CONTINUATION, &half)].concat();
        let ignored = [Inbound::Ignored, Inbound::Ping(Bytes::new()), Inbound::Ignored];
        assert_eq!(read(&bytes), ignored);
        let next = [frame(FINAL, b""), frame(FINAL | TEXT, &half)].concat();
        assert_eq!(read(&[bytes.clone(), next].concat())[3..], [Inbound::Ignored, Inbound::Ignored]);
        assert_eq!(read(&[bytes, frame(FINAL, b"x")].concat())[3..], [Inbound::TooLarge]);
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
            assert_eq!(read(&bytes), [Inbound::Malformed], "{wrong:?}");
        }
    }

    #[test]
    fn a_text_that_is_not_utf8_ends_it() {
        for wrong in [&b"\xFF"[..], b"a\xC3", b"\xC0\xAF", b"\xED\xA0\x80", b"\xF4\x90\x80\x80"] {
            let bytes = [frame(FINAL | TEXT, wrong), frame(FINAL | PING, b"")].concat();
            assert_eq!(read(&bytes), [Inbound::NotUtf8], "{wrong:?}");
            let parts = [frame(TEXT, b"good"), frame(CONTINUATION, wrong), frame(FINAL, b"")].concat();
            assert_eq!(read(&parts).last(), Some(&Inbound::NotUtf8), "{wrong:?}");
            let reason = [&[0x03, 0xE8][..], wrong].concat();
            assert_eq!(read(&frame(FINAL | 8, &reason)), [Inbound::NotUtf8], "{wrong:?}");
            // Of other messages it isn't asked.
            assert_eq!(read(&frame(FINAL | 2, wrong)), [Inbound::Ignored]);
            let parts = [frame(2, wrong), frame(CONTINUATION, wrong), frame(FINAL, wrong)].concat();
            assert_eq!(read(&parts), [Inbound::Ignored, Inbound::Ignored, Inbound::Ignored]);
        }
    }

    #[test]
    fn a_character_may_be_cut_by_frames() {
        let bytes = "🐢é".as_bytes();
        for cut in 1..bytes.len() {
            let (begin, end) = bytes.split_at(cut);
            let parts = [frame(TEXT, begin), frame(FINAL | PING, b""), frame(FINAL, end)].concat();
            assert_eq!(read(&parts), [Inbound::Ignored, Inbound::Ping(Bytes::new()), Inbound::Ignored], "{cut}");
        }
    }

    #[test]
    fn a_close_frame_with_a_code_that_is_none_is_malformed() {
        for code in [0_u16, 999, 1004, 1005, 1006, 1015, 2999, 5000] {
            assert_eq!(read(&frame(FINAL | 8, &code.to_be_bytes())), [Inbound::Malformed], "{code}");
        }
        assert_eq!(read(&frame(FINAL | 8, b"x")), [Inbound::Malformed]);
    }

    #[test]
    fn not_without_end_is_read_what_is_thrown_away() {
        let mut frames = Frames::default();
        // 2^56 bytes.
        frames.push(Bytes::from_static(&[FINAL | TEXT, 0xFF, 1, 0, 0, 0, 0, 0, 0, 0]));
        assert_eq!(frames.parse(), Some(Inbound::TooLarge));
        let mebibyte = Bytes::from(vec![0; 1 << 20]);
        let given_up = (0..64).position(|_| {
            frames.push(mebibyte.clone());
            frames.parse() == Some(Inbound::Gone)
        });
        assert_eq!(given_up, Some(15), "the head counts as well");
    }
}
