//! Numbers as texts that no other number's text begins with, in the order of their bytes.

use std::ops::RangeInclusive;

const ALPHABET: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

const BASE: i64 = 62;

/// The most digits behind the first character.
const MOST: usize = 7;

/// A number of these is one character.
const SHORT: RangeInclusive<i64> = -24..=23;

/// The numbers that can be written: those with up to [`MOST`] digits, 62⁷ on either side.
pub(super) const RANGE: RangeInclusive<i64> = -3_521_614_606_232..=3_521_614_606_231;

/// The place in the alphabet of the character for 0.
const ZERO: i64 = 31;

/// The text of the first number of a position: its hexadecimal digits behind their number minus one. SQL can make it too,
/// so that tasks of former releases and new ones are placed alike.
pub(super) fn first(number: u64) -> String {
    let digits = format!("{number:x}");
    format!("{:x}{digits}", digits.len() - 1)
}

/// Takes what [`first`] wrote from the beginning of a text.
pub(super) fn take_first(text: &[u8]) -> Option<(i64, &[u8])> {
    let (length, rest) = text.split_first()?;
    let length = char::from(*length).to_digit(16)? as usize + 1;
    let (digits, rest) = rest.split_at_checked(length)?;
    let number = i64::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()?;
    Some((number, rest))
}

/// Appends a number of [`RANGE`]. The first character is the number itself, if that is short, or says how many digits
/// follow: the more, the further it is from the middle of the alphabet.
pub(super) fn push(text: &mut String, number: i64) {
    if SHORT.contains(&number) {
        text.push(character(ZERO + number));
        return;
    }
    let is_negative = number < 0;
    // How far it is behind the last short number.
    let distance = if is_negative { SHORT.start() - 1 - number } else { number - SHORT.end() - 1 };
    let mut digits = Vec::with_capacity(MOST);
    let mut left = distance;
    while left > 0 || digits.is_empty() {
        digits.push(left % BASE);
        left /= BASE;
    }
    let count = i64::try_from(digits.len()).unwrap_or_default();
    let first = if is_negative { ZERO + SHORT.start() - count } else { ZERO + SHORT.end() + count };
    text.push(character(first));
    text.extend(digits.iter().rev().map(|digit| character(if is_negative { BASE - 1 - digit } else { *digit })));
}

/// Takes what [`push`] wrote from the beginning of a text.
pub(super) fn take(text: &[u8]) -> Option<(i64, &[u8])> {
    let (first, rest) = text.split_first()?;
    let number = value(*first)? - ZERO;
    if SHORT.contains(&number) {
        return Some((number, rest));
    }
    let is_negative = number < 0;
    let count = if is_negative { SHORT.start() - number } else { number - SHORT.end() };
    let (digits, rest) = rest.split_at_checked(usize::try_from(count).ok()?)?;
    let mut distance = 0;
    for digit in digits {
        let digit = value(*digit)?;
        distance = distance * BASE + if is_negative { BASE - 1 - digit } else { digit };
    }
    let number = if is_negative { SHORT.start() - 1 - distance } else { SHORT.end() + 1 + distance };
    Some((number, rest))
}

/// The character at a place of the alphabet.
fn character(place: i64) -> char {
    let byte = usize::try_from(place).ok().and_then(|place| ALPHABET.get(place));
    byte.map_or('z', |byte| char::from(*byte))
}

/// The place of a character in the alphabet.
fn value(character: u8) -> Option<i64> {
    let place = ALPHABET.iter().position(|other| *other == character)?;
    i64::try_from(place).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn text(number: i64) -> String {
        let mut text = String::new();
        push(&mut text, number);
        text
    }

    #[test]
    fn numbers_near_zero_are_short() {
        let lengths = [0, 23, -24, 24, -25, 85, -86, 86, 3_867, 3_868].map(|number| text(number).len());
        assert_eq!(lengths, [1, 1, 1, 2, 2, 2, 2, 3, 3, 4]);
        assert_eq!((first(1).as_str(), first(16).as_str(), first(u64::MAX >> 1).len()), ("01", "110", 17));
    }

    #[test]
    fn ends_of_the_range_can_be_written() {
        for number in [*RANGE.start(), *RANGE.end()] {
            assert_eq!(take(text(number).as_bytes()), Some((number, &b""[..])), "{number}");
        }
    }

    proptest! {
        #[test]
        fn text_of_a_number_keeps_its_order(a in RANGE, b in RANGE, c in -200i64..200, d in -200i64..200) {
            for (one, other) in [(a, b), (a, c), (c, d), (d, d + 1)] {
                prop_assert_eq!(text(one).cmp(&text(other)), one.cmp(&other));
            }
            let (long, short) = (format!("{}rest", text(a)), text(c));
            prop_assert_eq!(take(long.as_bytes()), Some((a, &b"rest"[..])));
            prop_assert_eq!(take(short.as_bytes()), Some((c, &b""[..])));
        }

        #[test]
        fn text_of_a_first_number_keeps_its_order(a in 0..=i64::MAX, b in 0i64..100_000, c in 0i64..100_000) {
            for (one, other) in [(a, b), (b, c)] {
                prop_assert_eq!(first(one.unsigned_abs()).cmp(&first(other.unsigned_abs())), one.cmp(&other));
            }
            let text = first(a.unsigned_abs());
            prop_assert_eq!(take_first(text.as_bytes()), Some((a, &b""[..])));
        }
    }
}
