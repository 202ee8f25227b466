//! The tokens of JSON (RFC 8259), each as the bytes that it consists of. `None` stands for a syntax error.

pub(super) struct Lexer<'a> {
    text: &'a [u8],
    position: usize,
}

impl<'a> Lexer<'a> {
    pub fn new(text: &'a [u8]) -> Self {
        Self { text, position: 0 }
    }

    /// The next byte, which is not consumed.
    pub fn peek(&self) -> Option<u8> {
        self.text.get(self.position).copied()
    }

    /// Consumes a byte that was peeked at.
    pub fn advance(&mut self) {
        self.position += 1;
    }

    pub fn skip_white_space(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\n' | b'\r')) {
            self.position += 1;
        }
    }

    /// A string with its quotes.
    pub fn string(&mut self) -> Option<&'a [u8]> {
        let begin = self.position;
        self.position += 1;
        loop {
            let byte = self.peek()?;
            self.position += 1;
            match byte {
                b'"' => return Some(&self.text[begin..self.position]),
                b'\\' => {
                    let escape = self.peek()?;
                    self.position += 1;
                    match escape {
                        b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't' => {}
                        b'u' => {
                            let digits = self.text.get(self.position..self.position + 4)?;
                            if !digits.iter().all(u8::is_ascii_hexdigit) {
                                return None;
                            }
                            self.position += 4;
                        }
                        _ => return None,
                    }
                }
                0..=0x1F => return None,
                _ => {}
            }
        }
    }

    /// `true`, `false` or `null`
    pub fn word(&mut self) -> Option<&'a [u8]> {
        let rest = &self.text[self.position..];
        let word = [&b"true"[..], b"false", b"null"].into_iter().find(|word| rest.starts_with(word))?;
        self.position += word.len();
        Some(word)
    }

    /// A number: `-? (0 | [1-9][0-9]*) (. [0-9]+)? ([eE] [+-]? [0-9]+)?`
    pub fn number(&mut self) -> Option<&'a [u8]> {
        let begin = self.position;
        if self.peek() == Some(b'-') {
            self.position += 1;
        }
        let first = self.peek();
        if self.digits()? > 1 && first == Some(b'0') {
            return None;
        }
        if self.peek() == Some(b'.') {
            self.position += 1;
            self.digits()?;
        }
        if matches!(self.peek(), Some(b'e' | b'E')) {
            self.position += 1;
            if matches!(self.peek(), Some(b'+' | b'-')) {
                self.position += 1;
            }
            self.digits()?;
        }
        Some(&self.text[begin..self.position])
    }

    /// Skips at least one digit, and counts them.
    fn digits(&mut self) -> Option<usize> {
        let digits = self.text[self.position..].iter().take_while(|byte| byte.is_ascii_digit()).count();
        self.position += digits;
        (digits > 0).then_some(digits)
    }
}
