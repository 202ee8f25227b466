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
