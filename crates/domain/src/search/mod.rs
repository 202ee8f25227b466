//! Search by the beginnings of words. Words are made here, so that they are equal on every database.
//!
//! A word is a maximal run of letters, digits and marks; each Han and kana character is a word of its own. Words are
//! compared in Unicode's form NFKD, without marks, and fully case-folded.

mod words;

use crate::{
    field::Invalid,
    text::{Description, TaskTitle, refuse_nul},
};
use std::{collections::BTreeSet, ops::Bound};
use words::words;

/// The most characters of a word, in the form that is compared: an index of PostgreSQL holds no longer ones. What
/// follows is left out of texts and queries alike.
pub const MAX_WORD: usize = 500;

// @spec SPEC-023
// @decision DEC-0031
/// The different words of a task, ascending. No word is empty or has an ASCII space.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SearchWords(BTreeSet<String>);

impl SearchWords {
    /// The words of a title and a description.
    pub fn of(title: &TaskTitle, description: Option<&Description>) -> Self {
        let description = description.map_or("", Description::as_str);
        Self(words(title.as_str()).chain(words(description)).collect())
    }

    pub fn iter(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(String::as_str)
    }
}

/// What is searched for: every word of it begins a word of the task.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SearchQuery(BTreeSet<String>);

impl SearchQuery {
    /// Maximum number of characters.
    pub const MAX: usize = 200;

    /// Accepts 1 to [`Self::MAX`] characters with a word among them.
    pub fn parse(raw: &str) -> Result<Self, Invalid> {
        refuse_nul(raw)?;
        if raw.is_empty() {
            return Err(Invalid::new("too_short", "must have at least 1 character"));
        }
        if raw.chars().nth(Self::MAX).is_some() {
            return Err(Invalid::new("too_long", format!("must have at most {} characters", Self::MAX)));
        }
        let words: BTreeSet<_> = words(raw).collect();
        if words.is_empty() {
            return Err(Invalid::new("no_word", "must have a word: letters or digits"));
        }
        Ok(Self(words))
    }

    /// The different words, ascending, without those that begin another one.
    pub fn words(&self) -> impl Iterator<Item = &str> {
        // The words that a word begins follow it at once.
        let next = |word: &String| self.0.range::<String, _>((Bound::Excluded(word), Bound::Unbounded)).next();
        let begins_next = move |word: &String| next(word).is_some_and(|next| next.starts_with(word.as_str()));
        self.0.iter().filter(move |&word| !begins_next(word)).map(String::as_str)
    }

    /// Whether each word begins one of `words`.
    pub fn matches(&self, words: &SearchWords) -> bool {
        // The first word that isn't lower has the beginning, if any has it.
        self.0.iter().all(|word| words.0.range(word.clone()..).next().is_some_and(|other| other.starts_with(word)))
    }
}

#[cfg(test)]
mod tests;
