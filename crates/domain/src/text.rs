//! Strings with bounds. Lengths count characters (Unicode scalar values) after trimming white space.

use crate::field::Invalid;
use std::fmt;

/// Trims `raw` and checks what holds for every text: no U+0000 (PostgreSQL can't store it, so no database may)
/// and `min` to `max` characters.
pub(crate) fn bounded(mut raw: String, min: usize, max: usize) -> Result<String, Invalid> {
    refuse_nul(&raw)?;
    let kept = raw.trim();
    // A character takes at least a byte: short texts need no count.
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
            /// Fewest characters after trimming.
            pub const MIN: usize = $min;
            /// Most characters after trimming.
            pub const MAX: usize = $max;

            /// Trims and checks the bounds.
            pub fn parse(raw: String) -> Result<Self, Invalid> {
                bounded(raw, Self::MIN, Self::MAX).map(Self)
            }

            /// The checked text.
            pub fn as_str(&self) -> &str {
                &self.0
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
    /// What a user is called.
    DisplayName: 1..=100;
    /// What a project is called.
    ProjectName: 1..=200;
    /// What a task is called.
    TaskTitle: 1..=200;
    /// A longer text on a project or task; may be empty.
    Description: 0..=10_000;
    /// The text of a comment.
    CommentBody: 1..=10_000;
}

impl ProjectName {
    /// What the project that keeps a user's todos is called when it is made.
    pub(crate) fn inbox() -> Self {
        Self("Inbox".to_owned())
    }
}

impl DisplayName {
    /// A name from a text that may be too long or empty: trimmed and cut to [`Self::MAX`] characters; `None`
    /// where nothing is left or U+0000 is in it.
    pub fn cut(raw: &str) -> Option<Self> {
        Self::parse(raw.trim().chars().take(Self::MAX).collect()).ok()
    }

    /// For an account without any name: `" "@example.org` is a legal address.
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
    fn a_display_name_is_cut_to_its_bound() {
        assert_eq!(DisplayName::cut(&"é".repeat(300)).map(|n| n.as_str().chars().count()), Some(100));
        assert_eq!(DisplayName::cut("   "), None);
        assert_eq!(DisplayName::cut("a\0b"), None);
    }

    proptest! {
        #[test]
        fn a_text_is_taken_exactly_when_its_trimmed_length_is_in_bounds(raw in "\\PC{0,210}") {
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
