//! Bounded text types. Lengths count characters (Unicode scalar values) after white space was trimmed.

use crate::field::Invalid;
use std::{fmt, str::FromStr};

/// Trims `raw` and checks that it has `min` to `max` characters and no U+0000, which PostgreSQL can't store.
pub(crate) fn bounded(mut raw: String, min: usize, max: usize) -> Result<String, Invalid> {
    refuse_nul(&raw)?;
    let kept = raw.trim();
    // A character takes at least one byte, so that short texts need no count.
    let length = if kept.len() <= max && min <= 1 { kept.len() } else { kept.chars().count() };
    if length < min {
        return Err(Invalid::new("too_short", format!("must have at least {}", characters(min))));
    }
    if length > max {
        return Err(Invalid::new("too_long", format!("must have at most {}", characters(max))));
    }
    if kept.len() != raw.len() {
        raw = kept.to_owned();
    }
    Ok(raw)
}

pub(crate) fn refuse_nul(raw: &str) -> Result<(), Invalid> {
    if raw.as_bytes().contains(&0) {
        return Err(Invalid::new("nul_character", "must not contain U+0000"));
    }
    Ok(())
}

fn characters(n: usize) -> String {
    if n == 1 { "1 character".to_owned() } else { format!("{n} characters") }
}

// @spec SPEC-003
macro_rules! texts {
    ($($(#[$doc:meta])* $name:ident: $min:literal..=$max:literal;)+) => {$(
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, Hash)]
        #[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(try_from = "String"))]
        pub struct $name(String);

        impl $name {
            /// Minimum number of characters, after white space was trimmed.
            pub const MIN: usize = $min;
            /// Maximum number of characters, after white space was trimmed.
            pub const MAX: usize = $max;

            /// Trims white space and checks the bounds.
            pub fn parse(raw: String) -> Result<Self, Invalid> {
                bounded(raw, Self::MIN, Self::MAX).map(Self)
            }

            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl FromStr for $name {
            type Err = Invalid;

            /// Does what [`parse`](Self::parse) does.
            fn from_str(raw: &str) -> Result<Self, Invalid> {
                Self::parse(raw.to_owned())
            }
        }

        impl TryFrom<String> for $name {
            type Error = Invalid;

            fn try_from(raw: String) -> Result<Self, Invalid> {
                Self::parse(raw)
            }
        }

        impl From<$name> for String {
            fn from(text: $name) -> Self {
                text.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    )+};
}

texts! {
    DisplayName: 1..=100;
    ProjectName: 1..=200;
    TaskTitle: 1..=200;
    /// The description of a project or task. It may be empty.
    Description: 0..=10_000;
    CommentBody: 1..=10_000;
    LabelName: 1..=50;
    /// The name of an API token.
    TokenName: 1..=100;
}

impl ProjectName {
    /// The initial name of the project that holds a user's todos.
    pub(crate) fn inbox() -> Self {
        Self("Inbox".to_owned())
    }
}

impl DisplayName {
    /// Makes a name of any text: trims it and cuts it to [`Self::MAX`] characters. `None` if nothing is left or it
    /// contains U+0000.
    pub fn cut(raw: &str) -> Option<Self> {
        Self::parse(raw.trim().chars().take(Self::MAX).collect()).ok()
    }

    /// The name of a user whose account was erased.
    pub(crate) fn deleted() -> Self {
        Self("Deleted user".to_owned())
    }

    /// The name of an account without any: `" "@example.org` is a legal address.
    pub(crate) fn fallback() -> Self {
        Self("user".to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn bounds_count_characters_after_trimming() {
        assert!(TaskTitle::parse("é".repeat(200)).is_ok());
        assert_eq!(TaskTitle::parse("é".repeat(201)).map_err(|e| e.code), Err("too_long"));
        assert_eq!(TaskTitle::parse(" \t\n\u{2003}".to_owned()).map_err(|e| e.code), Err("too_short"));
        assert_eq!(TaskTitle::parse(format!("  {}  ", "x".repeat(200))).map(String::from), Ok("x".repeat(200)));
        assert_eq!(Description::parse("  ".to_owned()).map(String::from), Ok(String::new()));
    }

    #[test]
    fn from_str_trims_and_checks_bounds() {
        assert_eq!(" Paint ".parse(), TaskTitle::parse("Paint".to_owned()));
        assert_eq!("".parse::<ProjectName>().map_err(|e| e.code), Err("too_short"));
        assert_eq!("".parse::<Description>().map(String::from), Ok(String::new()));
    }

    #[test]
    fn a_display_name_is_cut_to_its_bound() {
        assert_eq!(DisplayName::cut(&"é".repeat(300)).map(|n| n.as_str().chars().count()), Some(100));
        assert_eq!(DisplayName::cut("   "), None);
        assert_eq!(DisplayName::cut("a\0b"), None);
    }

    #[test]
    fn refusal_names_the_bound() {
        let refusal = |raw: &str| TaskTitle::parse(raw.to_owned()).map_err(|error| error.to_string());
        assert_eq!(refusal(""), Err("must have at least 1 character".to_owned()));
        assert_eq!(refusal(&"x".repeat(201)), Err("must have at most 200 characters".to_owned()));
    }

    #[test]
    fn lower_bound_counts_characters_and_not_bytes() {
        assert_eq!(bounded("é".to_owned(), 2, 9).map_err(|error| error.code), Err("too_short"));
        assert_eq!(bounded(" éé ".to_owned(), 2, 9), Ok("éé".to_owned()));
    }

    proptest! {
        #[test]
        fn text_is_valid_if_its_trimmed_length_is_in_bounds(raw in "\\PC{0,210}") {
            let length = raw.trim().chars().count();
            let parsed = TaskTitle::parse(raw.clone());
            prop_assert_eq!(parsed.is_ok(), (1..=200).contains(&length));
            if let Ok(title) = parsed {
                prop_assert_eq!(title.as_str(), raw.trim());
            }
        }

        #[test]
        fn a_checked_text_parses_to_itself(raw in "\\PC{1,200}") {
            if let Ok(title) = TaskTitle::parse(raw) {
                prop_assert_eq!(TaskTitle::parse(title.as_str().to_owned()), Ok(title));
            }
        }

        #[test]
        fn nul_is_refused_wherever_it_stands(before in "\\PC{0,20}", after in "\\PC{0,20}") {
            let parsed = CommentBody::parse(format!("{before}\0{after}"));
            prop_assert_eq!(parsed.map_err(|e| e.code), Err("nul_character"));
        }
    }
}
