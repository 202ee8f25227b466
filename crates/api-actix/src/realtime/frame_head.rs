//! The head of a WebSocket frame (RFC 6455 section 5.2), read before the payload has arrived.

/// The part of a client's frame that precedes the payload.
pub(super) struct Head {
    pub is_control: bool,
    pub is_final: bool,
    pub is_close: bool,
    /// Length in bytes of the head itself, the mask included.
    pub length: u64,
    /// Length in bytes of the payload.
    pub payload: u64,
}

impl Head {
    /// Reads the head at the beginning of `bytes`; `None` if it is incomplete.
    pub fn peek(bytes: &[u8]) -> Option<Self> {
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

    /// The payload of the frame at the beginning of `bytes`, unmasked; `None` if it is incomplete.
    pub fn unmasked(&self, bytes: &[u8]) -> Option<Vec<u8>> {
        let begin = usize::try_from(self.length).ok()?;
        let payload = bytes.get(begin..begin.checked_add(usize::try_from(self.payload).ok()?)?)?;
        let mask = bytes.get(begin - 4..begin)?;
        Some(payload.iter().zip(mask.iter().cycle()).map(|(byte, mask)| byte ^ mask).collect())
    }
}
