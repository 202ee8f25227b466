//! Email addresses.

use crate::{
    field::Invalid,
    text::{DisplayName, refuse_nul},
};
use email_address::{EmailAddress, Options};
use std::fmt;

/// What addresses of accounts without one end in.
const PLACEHOLDER: &str = "@external.invalid";

/// An address in the form of RFC 5321 and RFC 6531, trimmed and in lower case: addresses are compared without
/// case, and one spelling per account keeps that true on every database.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(try_from = "String"))]
pub struct Email(String);

impl Email {
    /// Most characters after trimming (RFC 5321 section 4.5.3.1.3, less the angle brackets).
    pub const MAX: usize = 254;

    /// Trims, checks and lowers the case.
    pub fn parse(raw: &str) -> Result<Self, Invalid> {
        refuse_nul(raw)?;
        let lower = raw.trim().to_lowercase();
        if lower.chars().count() > Self::MAX {
            return Err(Invalid::new("too_long", format!("must have at most {} characters", Self::MAX)));
        }
        let options = Options::default().without_display_text().without_domain_literal();
        match EmailAddress::parse_with_options(&lower, options) {
            Ok(_) => Ok(Self(lower)),
            Err(_) => Err(Invalid::new("invalid", "must be an email address, like ann@example.org")),
        }
    }

    /// The address of an account that has none, told from all others by `unique`: letters, digits, `-` and `_`, 64 at
    /// most. Nobody can have mail there (RFC 2606 section 2). To be drawn by lot, else others could take it first.
    pub fn placeholder(unique: &str) -> Self {
        Self(format!("{}{PLACEHOLDER}", unique.to_lowercase()))
    }

    /// Whether no mail can reach it.
    pub fn is_placeholder(&self) -> bool {
        self.0.ends_with(PLACEHOLDER)
    }

    /// The checked address.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The name of an account that gave none: what stands before the `@`.
    pub fn default_display_name(&self) -> DisplayName {
        let local = self.0.rsplit_once('@').map_or(self.0.as_str(), |(local, _)| local);
        DisplayName::cut(local).unwrap_or_else(DisplayName::fallback)
    }
}

impl TryFrom<String> for Email {
    type Error = Invalid;

    fn try_from(raw: String) -> Result<Self, Invalid> {
        Self::parse(&raw)
    }
}

impl From<Email> for String {
    fn from(email: Email) -> Self {
        email.0
    }
}

impl fmt::Display for Email {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn addresses_are_trimmed_and_lowered() {
        assert_eq!(Email::parse("  Ann@Example.ORG ").map(|e| e.0), Ok("ann@example.org".to_owned()));
        assert_eq!(Email::parse("ÅSA@example.org").map(|e| e.0), Ok("åsa@example.org".to_owned()));
    }

    #[test]
    fn a_placeholder_is_an_address_that_is_told_from_others() {
        let placeholder = Email::placeholder("Ab-_9");
        assert_eq!(Email::parse(placeholder.as_str()).as_ref(), Ok(&placeholder));
        assert!(placeholder.is_placeholder());
        assert!(!Email::parse("external.invalid@example.org").unwrap().is_placeholder());
    }

    #[test]
    fn what_is_no_address_is_refused() {
        for wrong in ["", "ann", "ann@", "@example.org", "a b@example.org", "a@b@c", "Ann <ann@example.org>", "a@b..c"]
        {
            assert_eq!(Email::parse(wrong).map_err(|e| e.code), Err("invalid"), "{wrong:?}");
        }
        assert_eq!(Email::parse("a\0@example.org").map_err(|e| e.code), Err("nul_character"));
        let long = format!("{}@{}.org", "a".repeat(60), ["b".repeat(60), "c".repeat(60), "d".repeat(69)].join("."));
        assert_eq!(Email::parse(&long).map_err(|e| e.code), Err("too_long"));
    }

    #[test]
    fn the_default_name_is_what_stands_before_the_at_sign() {
        let name = Email::parse("Ann.Lee@example.org").map(|e| e.default_display_name().to_string());
        assert_eq!(name, Ok("ann.lee".to_owned()));
    }

    proptest! {
        #[test]
        fn a_checked_address_parses_to_itself(raw in "[a-zA-Z0-9.]{1,20}@[a-z]{1,10}\\.[a-z]{2,5}") {
            if let Ok(email) = Email::parse(&raw) {
                prop_assert_eq!(Email::parse(email.as_str()), Ok(email));
            }
        }
    }
}
