//! The place of a task in the order that people give to a project's tasks: a fractional index.
//!
//! A position is a list of numbers, compared like words in a dictionary. A new task has one number, its id, so that it
//! comes last. A task that is moved between two others gets a list between theirs, mostly by one number more. Numbers are
//! written in as few characters as keep their order, so that a run of moves to one spot costs a character for each 62 times
//! as many, and tasks that are only added cost nothing.
//!
//! The crate `fractional_index` is not used: it takes a byte for each 127 tasks that are appended, and writes two
//! hexadecimal digits a byte. Bisecting, as other crates do, takes a character for each six moves to one spot.

mod digits;

use crate::{field::Invalid, id::TaskId};
use std::{fmt, str::FromStr};

/// The distance between numbers where there is room, so that later moves fit between two without a further number.
const STRIDE: i64 = 16;

// @spec SPEC-022
// @decision DEC-0030
/// A place in an order. It has the characters `0-9A-Za-z`; the order is that of the bytes.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(try_from = "String"))]
pub struct Position(String);

/// Between the two tasks, others were moved so often that no short position is left.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("tasks were moved between these two too often; move one of the two first")]
pub struct NoRoom;

impl Position {
    /// Maximum length in bytes, which an index of PostgreSQL can hold. It takes thousands of moves, each between the two
    /// before it, to get there.
    pub const MAX: usize = 2_000;

    /// The position of a task that was never moved: after all tasks with a lower id, and all that were moved among them.
    pub fn initial(id: TaskId) -> Self {
        Self(digits::first(id.get().unsigned_abs()))
    }

    /// Accepts what this type makes.
    pub fn parse(raw: String) -> Result<Self, Invalid> {
        let is_canonical = raw.len() <= Self::MAX && decode(&raw).is_some_and(|numbers| encode(&numbers) == raw);
        if is_canonical { Ok(Self(raw)) } else { Err(Invalid::new("invalid", "is no position")) }
    }

    /// A position between two neighbors, of which the first is lower; `None` for an end of the list. It never is one that
    /// [`initial`](Self::initial) makes.
    pub fn between(before: Option<&Self>, after: Option<&Self>) -> Result<Self, NoRoom> {
        let numbers = |position: &Self| decode(&position.0).unwrap_or_else(|| vec![0]);
        // No id is 0, so that everything below it comes first.
        let before = before.map_or_else(|| vec![0], numbers);
        let text = middle(before, after.map(numbers)).map(|numbers| encode(&numbers)).ok_or(NoRoom)?;
        if text.len() <= Self::MAX { Ok(Self(text)) } else { Err(NoRoom) }
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A list of numbers between two others. It has at least two numbers, as one alone is the place of a new task. `None`
/// where no number is left.
fn middle(before: Vec<i64>, after: Option<Vec<i64>>) -> Option<Vec<i64>> {
    let Some(mut after) = after else { return Some(next(before, 1)) };
    let shared = before.iter().zip(&after).take_while(|(one, other)| one == other).count();
    let number = match (before.get(shared).copied(), after.get(shared).copied()) {
        (Some(low), Some(high)) if shared > 0 && high - low > 1 => low + (high - low) / 2,
        // The list that `after` extends is free, as the two are neighbors.
        (_, Some(_)) if shared > 0 && after.len() > shared + 1 => {
            after.truncate(shared + 1);
            return Some(after);
        }
        (None, Some(high)) => high - STRIDE,
        (Some(_), _) | (None, None) => return Some(next(before, shared + 1)),
    };
    digits::RANGE.contains(&number).then(|| [&before[..shared], &[number][..]].concat())
}

/// A list after `before` that begins with the same `kept` numbers.
fn next(mut before: Vec<i64>, kept: usize) -> Vec<i64> {
    match before.get(kept).map(|number| number + STRIDE) {
        Some(number) if digits::RANGE.contains(&number) => {
            before.truncate(kept);
            before.push(number);
        }
        Some(_) | None => before.push(0),
    }
    before
}

fn encode(numbers: &[i64]) -> String {
    let Some((first, others)) = numbers.split_first() else { return String::new() };
    let mut text = digits::first(first.unsigned_abs());
    for number in others {
        digits::push(&mut text, *number);
    }
    text
}

fn decode(text: &str) -> Option<Vec<i64>> {
    let (first, mut rest) = digits::take_first(text.as_bytes())?;
    let mut numbers = vec![first];
    while !rest.is_empty() {
        let (number, behind) = digits::take(rest)?;
        numbers.push(number);
        rest = behind;
    }
    Some(numbers)
}

impl FromStr for Position {
    type Err = Invalid;

    /// Does what [`parse`](Self::parse) does.
    fn from_str(raw: &str) -> Result<Self, Invalid> {
        Self::parse(raw.to_owned())
    }
}

impl TryFrom<String> for Position {
    type Error = Invalid;

    fn try_from(raw: String) -> Result<Self, Invalid> {
        Self::parse(raw)
    }
}

impl fmt::Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests;
