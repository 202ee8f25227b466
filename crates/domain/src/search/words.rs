//! Takes texts apart into words, in the form that is compared.

use super::MAX_WORD;
use crate::fold::push_folded;
use std::iter::from_fn;
use unicode_normalization::UnicodeNormalization;
use unicode_properties::{GeneralCategoryGroup, UnicodeGeneralCategory};

/// What a character is in a text.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// A letter, digit or mark: part of a word.
    Part,
    /// A Han or kana character: a word by itself.
    Whole,
    /// Anything else, which separates words.
    Gap,
}

impl Kind {
    fn of(c: char) -> Self {
        if c.is_ascii() {
            return if c.is_ascii_alphanumeric() { Self::Part } else { Self::Gap };
        }
        match c.general_category_group() {
            GeneralCategoryGroup::Letter | GeneralCategoryGroup::Number if is_han_or_kana(c) => Self::Whole,
            GeneralCategoryGroup::Letter | GeneralCategoryGroup::Number | GeneralCategoryGroup::Mark => Self::Part,
            GeneralCategoryGroup::Punctuation
            | GeneralCategoryGroup::Symbol
            | GeneralCategoryGroup::Separator
            | GeneralCategoryGroup::Other => Self::Gap,
        }
    }
}

/// Whether a letter or number is of the scripts Han, Hiragana or Katakana, or the sound mark `ー` that kana is written
/// with.
fn is_han_or_kana(c: char) -> bool {
    matches!(
        c,
        '\u{3005}'
            | '\u{3007}'
            | '\u{3021}'..='\u{3029}'
            | '\u{3038}'..='\u{303B}'
            | '\u{3041}'..='\u{3096}'
            | '\u{309D}'..='\u{309F}'
            | '\u{30A1}'..='\u{30FA}'
            | '\u{30FC}'..='\u{30FF}'
            | '\u{31F0}'..='\u{31FF}'
            | '\u{3400}'..='\u{4DBF}'
            | '\u{4E00}'..='\u{9FFF}'
            | '\u{F900}'..='\u{FAFF}'
            | '\u{FF66}'..='\u{FF9D}'
            | '\u{16FE3}'
            | '\u{1AFF0}'..='\u{1B16F}'
            | '\u{20000}'..='\u{3FFFD}'
    )
}

/// The words of a text, in the form that is compared. A word of marks alone is none.
pub(super) fn words(text: &str) -> impl Iterator<Item = String> {
    let mut rest = text;
    from_fn(move || {
        loop {
            let begin = rest.find(|c: char| Kind::of(c) != Kind::Gap)?;
            let run = &rest[begin..];
            let mut others = run.char_indices().skip(1);
            let end = match run.chars().next().map(Kind::of) {
                Some(Kind::Whole) => others.next().map(|(place, _)| place),
                _ => others.find(|(_, c)| Kind::of(*c) != Kind::Part).map(|(place, _)| place),
            };
            let (word, behind) = run.split_at(end.unwrap_or(run.len()));
            rest = behind;
            let word = compared(word);
            if !word.is_empty() {
                return Some(word);
            }
        }
    })
}

/// A word in form NFKD, without marks, fully case-folded, and cut to [`MAX_WORD`] characters.
fn compared(word: &str) -> String {
    if word.is_ascii() {
        let mut word = word.to_ascii_lowercase();
        word.truncate(MAX_WORD);
        return word;
    }
    let is_mark = |c: char| c.general_category_group() == GeneralCategoryGroup::Mark;
    let mut folded = String::with_capacity(word.len());
    for c in word.nfkd().filter(|c| !is_mark(*c)) {
        push_folded(&mut folded, c);
    }
    // A few letters, such as U+FDFA, have several words as their compatible form: they stay one word.
    folded.chars().take(MAX_WORD).map(|c| if c == ' ' { '\u{A0}' } else { c }).collect()
}
