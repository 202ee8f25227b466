//! JSON that is well-formed, but holds what no field takes: numbers beyond 64 bits and very deep nesting (RFC 8259
//! sections 6 and 9). The parser of bodies refuses such a text as a whole; here the fields are found that it is wrong in.

use super::fault::Faults;
use fasttrack_domain::field::{FieldError, Invalid};
use std::collections::HashSet;

/// Deepest nesting that is read. No body that is accepted has more than a few levels.
const MAX_DEPTH: usize = 100;

/// A body without what no field takes, and the fields that had it.
#[derive(Debug)]
pub struct Settled {
    /// JSON that can be parsed. In place of each value that can't, it has a null.
    pub text: Vec<u8>,
    /// What is wrong.
    pub faults: Faults,
}

/// Reads a text that the parser refused. `None` where it is no JSON.
pub fn settle(text: &[u8]) -> Option<Settled> {
    let mut scanner = Scanner { text: std::str::from_utf8(text).ok()?.as_bytes(), ..Scanner::default() };
    scanner.run()?;
    let mut seen = HashSet::new();
    scanner.faults.retain(|fault| seen.insert(fault.field.clone()));
    let faults = scanner.faults.into_iter().map(Faults::of).fold(Faults::default(), Faults::and);
    Some(Settled { text: scanner.output, faults })
}

/// A container that has begun.
enum Container {
    /// An array, with the index of the current element.
    Array(usize),
    /// An object, with the name of the current member.
    Object(String),
}

/// What may come next.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Expected {
    Value,
    ValueOrEnd,
    Name,
    NameOrEnd,
    CommaOrEnd,
}

/// Walks through a text without recursion.
#[derive(Default)]
struct Scanner<'a> {
    text: &'a [u8],
    position: usize,
    open: Vec<Container>,
    output: Vec<u8>,
    faults: Vec<FieldError>,
}

impl Scanner<'_> {
    fn run(&mut self) -> Option<()> {
        let mut expected = Expected::Value;
        loop {
            self.skip_white_space();
            let Some(byte) = self.peek() else {
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

    fn peek(&self) -> Option<u8> {
        self.text.get(self.position).copied()
    }

    fn skip_white_space(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\n' | b'\r')) {
            self.position += 1;
        }
    }

    /// Whether what is read now is part of the output.
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
        self.position += 1;
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
        self.position += 1;
        Some(())
    }

    fn next_element(&mut self) -> Option<Expected> {
        self.position += 1;
        self.write(b",");
        match self.open.last_mut()? {
            Container::Array(index) => {
                *index += 1;
                Some(Expected::Value)
            }
            Container::Object(_) => Some(Expected::Name),
        }
    }

    /// The name of a member and the colon behind it.
    fn name(&mut self) -> Option<()> {
        let raw = self.string()?;
        let name = serde_json::from_slice(raw).ok()?;
        self.write(raw);
        self.write(b":");
        if let Some(Container::Object(current)) = self.open.last_mut() {
            *current = name;
        }
        self.skip_white_space();
        (self.peek()? == b':').then(|| self.position += 1)
    }

    fn scalar(&mut self, first: u8) -> Option<()> {
        let raw = match first {
            b'"' => self.string()?,
            b'-' | b'0'..=b'9' => self.number()?,
            _ => self.word()?,
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
}

impl<'a> Scanner<'a> {
    /// A string with its quotes.
    fn string(&mut self) -> Option<&'a [u8]> {
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

    fn word(&mut self) -> Option<&'a [u8]> {
        let rest = &self.text[self.position..];
        let word = [&b"true"[..], b"false", b"null"].into_iter().find(|word| rest.starts_with(word))?;
        self.position += word.len();
        Some(word)
    }

    /// A number: `-? (0 | [1-9][0-9]*) (. [0-9]+)? ([eE] [+-]? [0-9]+)?`
    fn number(&mut self) -> Option<&'a [u8]> {
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

    /// The dotted path of the current place.
    fn path(&self) -> String {
        let parts = self.open.iter().map(|container| match container {
            Container::Array(index) => index.to_string(),
            Container::Object(name) => name.clone(),
        });
        let path = parts.collect::<Vec<_>>().join(".");
        if path.is_empty() { "body".to_owned() } else { path }
    }

    /// The field that the current place is in.
    fn top(&self) -> String {
        match self.open.first() {
            Some(Container::Object(name)) => name.clone(),
            _ => "body".to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::error::ApiError;
    use proptest::prelude::*;
    use serde_json::Value;

    /// The fields with their codes, and what is left.
    fn settled(text: &str) -> Option<(Vec<(String, &'static str)>, Value)> {
        let Settled { text, faults } = settle(text.as_bytes())?;
        let details = ApiError::from(faults).details;
        let faults = details.into_iter().map(|detail| (detail.field, detail.code)).collect();
        Some((faults, serde_json::from_slice(&text).unwrap()))
    }

    fn faults(text: &str) -> Vec<(String, &'static str)> {
        settled(text).unwrap_or_else(|| panic!("no JSON: {text}")).0
    }

    #[test]
    fn numbers_beyond_64_bits_name_their_field() {
        for number in ["1e400", "-1E+400", &"9".repeat(400), &format!("-{}.5", "1".repeat(400))] {
            let text = format!(r#"{{"title": "x", "assignee_id": {number}, "a": {{"b": [1, {number}]}}}}"#);
            let (faults, rest) = settled(&text).unwrap();
            assert_eq!(faults, [("assignee_id".to_owned(), "out_of_range"), ("a.b.1".to_owned(), "out_of_range")]);
            assert_eq!(rest["title"], "x");
            assert_eq!(rest["assignee_id"], Value::Null);
        }
        assert_eq!(faults("1e400"), [("body".to_owned(), "out_of_range")]);
    }

    #[test]
    fn deep_nesting_names_its_field_once() {
        let deep = format!("{}{}", "[".repeat(130), "]".repeat(130));
        assert_eq!(faults(&deep), [("body".to_owned(), "too_deep")]);
        let objects = format!("{}1{}", r#"{"a":"#.repeat(200), "}".repeat(200));
        let text = format!(r#"{{"title": {deep}, "description": [{deep}, {deep}], "x": {objects}, "y": 1e999}}"#);
        let expected = [("title", "too_deep"), ("description", "too_deep"), ("x", "too_deep"), ("y", "out_of_range")];
        assert_eq!(faults(&text), expected.map(|(field, code)| (field.to_owned(), code)));
        assert!(faults(&format!("{}{}", "[".repeat(MAX_DEPTH), "]".repeat(MAX_DEPTH))).is_empty());
        // As deep as a body can be.
        assert_eq!(faults(&format!("{}{}", "[".repeat(30_000), "]".repeat(30_000))).len(), 1);
    }

    #[test]
    fn what_is_no_json_is_none() {
        for wrong in [
            "",
            " ",
            "{",
            "[1",
            "[1,]",
            "[,1]",
            "{\"a\"}",
            "{\"a\":}",
            "{\"a\":1,}",
            "{a:1}",
            "[1}",
            "{\"a\":1]",
            "1 2",
            "01",
            "-",
            "1.",
            ".5",
            "1e",
            "+1",
            "NaN",
            "Infinity",
            "tru",
            "truefalse",
            "\"",
            "\"\\x\"",
            "\"\\u12g4\"",
            "\"\\ud83d\"",
            "{\"\\udc22\":1}",
            "\"\n\"",
            "]",
            "{\"a\":1e400",
            "[1e400,]",
            "\u{FEFF}1",
        ] {
            assert!(settled(wrong).is_none(), "{wrong:?}");
        }
        assert!(settle(b"\"\xFF\"").is_none());
        let unclosed = "[".repeat(130);
        assert!(settled(&unclosed).is_none() && settled(&format!("{unclosed}1e400")).is_none());
    }

    fn value() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            any::<f64>().prop_map(Value::from),
            "\\PC{0,8}".prop_map(Value::from),
        ];
        leaf.prop_recursive(4, 16, 4, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
                prop::collection::vec(("\\PC{0,4}", inner), 0..4)
                    .prop_map(|members| Value::Object(members.into_iter().collect())),
            ]
        })
    }

    proptest! {
        #[test]
        fn what_can_be_parsed_stays_as_it_is(value in value()) {
            for text in [value.to_string(), serde_json::to_string_pretty(&value).unwrap()] {
                prop_assert_eq!(settled(&text), Some((Vec::new(), serde_json::from_str(&text).unwrap())));
            }
        }

        #[test]
        fn whether_a_text_is_json_is_judged_as_the_parser_does(text in r#"[\[\]{}",:\\ue0-2\-. trfalsn]{0,12}"#) {
            match (serde_json::from_str::<Value>(&text), settled(&text)) {
                (Ok(value), settled) => prop_assert_eq!(settled, Some((Vec::new(), value))),
                (Err(_), Some((faults, _))) => prop_assert!(!faults.is_empty(), "{}", text),
                (Err(_), None) => {}
            }
        }
    }
}
