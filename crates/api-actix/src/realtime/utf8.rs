//! Validates UTF-8 that arrives in parts.

/// The state between two parts of a text.
#[derive(Default)]
pub(super) struct Utf8Validator {
    /// The beginning of a character whose end hasn't arrived: at most three bytes.
    incomplete: Vec<u8>,
}

impl Utf8Validator {
    /// Whether the text is valid up to the end of `part`, but for an incomplete last character.
    pub fn accepts(&mut self, part: &[u8]) -> bool {
        self.incomplete.extend_from_slice(part);
        match std::str::from_utf8(&self.incomplete) {
            Ok(_) => {
                self.incomplete.clear();
                true
            }
            Err(error) => {
                self.incomplete.drain(..error.valid_up_to());
                error.error_len().is_none()
            }
        }
    }

    /// Whether the last character is complete.
    pub fn is_complete(&self) -> bool {
        self.incomplete.is_empty()
    }
}
