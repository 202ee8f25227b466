//! Decodes a body that is sent in chunks (RFC 9112 section 7.1).

use crate::Outcome;
use httparse::Status;

/// What stands behind the content of a chunk.
const LINE_END: usize = 2;

#[derive(Default)]
pub struct Chunks {
    /// What isn't decoded yet: the beginning of a chunk's size.
    input: Vec<u8>,
    /// Bytes of the present chunk that are to come, the end of its line included.
    left: usize,
}

impl Chunks {
    /// Appends the content of `bytes` to `text`. Fails at the end of the body.
    pub fn decode(&mut self, bytes: &[u8], text: &mut Vec<u8>) -> Outcome {
        self.input.extend_from_slice(bytes);
        let mut decoded = 0;
        while decoded < self.input.len() {
            let input = &self.input[decoded..];
            if self.left == 0 {
                match httparse::parse_chunk_size(input).map_err(|_| "a chunk without a size")? {
                    Status::Partial => break,
                    Status::Complete((_, 0)) => return Err("the server ended a stream".into()),
                    Status::Complete((length, size)) => {
                        decoded += length;
                        self.left = usize::try_from(size)? + LINE_END;
                    }
                }
            } else {
                let taken = self.left.min(input.len());
                text.extend_from_slice(&input[..taken.min(self.left.saturating_sub(LINE_END))]);
                decoded += taken;
                self.left -= taken;
            }
        }
        self.input.drain(..decoded);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn content_is_the_same_wherever_it_is_cut() {
        let body = b"4\r\nid: \r\n1\r\n7\r\n12\r\n\ndata: {}\r\n and on\r\n";
        for cut in 0..body.len() {
            let (mut chunks, mut text) = (Chunks::default(), Vec::new());
            chunks.decode(&body[..cut], &mut text).unwrap();
            chunks.decode(&body[cut..], &mut text).unwrap();
            assert_eq!(String::from_utf8(text).unwrap(), "id: 7\ndata: {}\r\n and on", "{cut}");
        }
    }

    #[test]
    fn end_of_the_body_is_a_failure() {
        let mut text = Vec::new();
        assert!(Chunks::default().decode(b"2\r\n{}\r\n0\r\n\r\n", &mut text).is_err());
        assert!(Chunks::default().decode(b"x\r\n", &mut text).is_err());
    }
}
