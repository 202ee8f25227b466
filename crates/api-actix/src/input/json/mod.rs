//! Finds the faulty fields of well-formed JSON that `serde_json` refuses: numbers beyond 64 bits and very deep nesting
//! (RFC 8259 sections 6 and 9).

use super::{fault::Faults, json_lexer::Lexer};
use fasttrack_domain::field::{FieldError, Invalid};
use std::collections::HashSet;

/// Maximum depth of nesting. No valid body has more than a few levels.
const MAX_DEPTH: usize = 100;

/// JSON that `serde_json` can parse, and the faults of the original.
#[derive(Debug)]
pub struct Repaired {
    /// The JSON, with `null` in place of each value that can't be parsed.
    pub text: Vec<u8>,
    pub faults: Faults,
}

/// Repairs a text that `serde_json` refused; `None` if it is not well-formed JSON.
pub fn repair(text: &[u8]) -> Option<Repaired> {
    let lexer = Lexer::new(std::str::from_utf8(text).ok()?.as_bytes());
    let mut scanner = Scanner { lexer, open: Vec::new(), output: Vec::new(), faults: Vec::new() };
    scanner.run()?;
    let mut seen = HashSet::new();
    scanner.faults.retain(|fault| seen.insert(fault.field.clone()));
    let faults = scanner.faults.into_iter().map(Faults::of).fold(Faults::default(), Faults::and);
    Some(Repaired { text: scanner.output, faults })
}

/// An open array or object.
enum Container {
    /// An array, with the index of the current element.
    Array(usize),
    /// An object, with the name of the current member.
    Object(String),
}

/// The tokens that are allowed next.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Expected {
    Value,
    ValueOrEnd,
    Name,
    NameOrEnd,
    CommaOrEnd,
}

/// Copies a text without recursion, and replaces the values that can't be parsed.
struct Scanner<'a> {
    lexer: Lexer<'a>,
    open: Vec<Container>,
    output: Vec<u8>,
    faults: Vec<FieldError>,
}

impl Scanner<'_> {
    fn run(&mut self) -> Option<()> {
        let mut expected = Expected::Value;
        loop {
            self.lexer.skip_white_space();
            let Some(byte) = self.lexer.peek() else {
                return (expected == Expected::CommaOrEnd && self.open.is_empty()).then_some(());
            };
            expected = match (expected, byte) {
                (Expected::Value | Expected::ValueOrEnd, b'[') => {
                    self.begin(Container::Array(0), b'[');
                    Expected::ValueOrEnd
                }
                (Expected::Value | Expected::ValueOrEnd, b'{') => {
                    self.begin(Container::Object(String::new()), b'{');
                    Expected::NameOrEnd
                }
                (Expected::ValueOrEnd | Expected::CommaOrEnd, b']') => {
                    self.end(b']')?;
                    Expected::CommaOrEnd
                }
                (Expected::NameOrEnd | Expected::CommaOrEnd, b'}') => {
                    self.end(b'}')?;
                    Expected::CommaOrEnd
                }
                (Expected::CommaOrEnd, b',') => self.next_element()?,
                (Expected::Name | Expected::NameOrEnd, b'"') => {
                    self.name()?;
                    Expected::Value
                }
                (Expected::Value | Expected::ValueOrEnd, _) => {
                    self.scalar(byte)?;
                    Expected::CommaOrEnd
                }
                _ => return None,
            };
        }
    }

    /// Whether the current place is within the maximum depth.
    fn is_kept(&self) -> bool {
        self.open.len() <= MAX_DEPTH
    }

    fn write(&mut self, bytes: &[u8]) {
        if self.is_kept() {
            self.output.extend_from_slice(bytes);
        }
    }

    fn begin(&mut self, container: Container, bracket: u8) {
        if self.open.len() == MAX_DEPTH {
            let depth = format!("must not be nested deeper than {MAX_DEPTH} levels");
            self.faults.push(Invalid::new("too_deep", depth).at(self.top()));
            self.write(b"null");
        } else {
            self.write(&[bracket]);
        }
        self.open.push(container);
        self.lexer.advance();
    }

    fn end(&mut self, bracket: u8) -> Option<()> {
        let expected = match self.open.last()? {
            Container::Array(_) => b']',
            Container::Object(_) => b'}',
        };
        if bracket != expected {
            return None;
        }
        self.write(&[bracket]);
        self.open.pop();
        self.lexer.advance();
        Some(())
    }

    fn next_element(&mut self) -> Option<Expected> {
        self.lexer.advance();
        self.write(b",");
        match self.open.last_mut()? {
            Container::Array(index) => {
                *index += 1;
                Some(Expected::Value)
            }
            Container::Object(_) => Some(Expected::Name),
        }
    }

    /// The name of a member and its colon.
    fn name(&mut self) -> Option<()> {
        let raw = self.lexer.string()?;
        let name = serde_json::from_slice(raw).ok()?;
        self.write(raw);
        self.write(b":");
        if let Some(Container::Object(current)) = self.open.last_mut() {
            *current = name;
        }
        self.lexer.skip_white_space();
        (self.lexer.peek()? == b':').then(|| self.lexer.advance())
    }

    fn scalar(&mut self, first: u8) -> Option<()> {
        let raw = match first {
            b'"' => self.lexer.string()?,
            b'-' | b'0'..=b'9' => self.lexer.number()?,
            _ => self.lexer.word()?,
        };
        match serde_json::from_slice::<serde_json::Value>(raw) {
            Ok(_) => self.write(raw),
            // Half of a surrogate pair.
            Err(_) if first == b'"' => return None,
            Err(_) => {
                if self.is_kept() {
                    let range = Invalid::new("out_of_range", "must be a number that fits in 64 bits");
                    self.faults.push(range.at(self.path()));
                }
                self.write(b"null");
            }
        }
        Some(())
    }

    /// The dotted path of the current place.
    fn path(&self) -> String {
        let parts = self.open.iter().map(|container| match container {
            Container::Array(index) => index.to_string(),
            Container::Object(name) => name.clone(),
        });
        let path = parts.collect::<Vec<_>>().join(".");
        if path.is_empty() { "body".to_owned() } else { path }
    }

    /// The field of the body that the current place is in.
    fn top(&self) -> String {
        match self.open.first() {
            Some(Container::Object(name)) => name.clone(),
            _ => "body".to_owned(),
        }
    }
}

#[cfg(test)]
mod tests;
