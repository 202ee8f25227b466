//! Passwords and their hashes. `Debug` prints none of them.

use crate::{
    Timestamp,
    field::Invalid,
    id::{SessionId, UserId},
    text::refuse_nul,
};
use std::{fmt, str::FromStr};
use unicode_normalization::{UnicodeNormalization, is_nfc};

// @norm NORM-SEC-001
/// A valid new password: 8 to 128 characters in NFC, not trimmed, without U+0000.
///
/// Keyboards and systems encode the same characters differently. NFC makes them one password (NIST SP 800-63B section
/// 5.1.1.2, RFC 8265 section 4.2).
#[derive(Clone, PartialEq, Eq)]
pub struct Password(String);

impl Password {
    pub const MIN: usize = 8;
    pub const MAX: usize = 128;

    /// Converts to NFC and checks the bounds.
    pub fn parse(raw: String) -> Result<Self, Invalid> {
        refuse_nul(&raw)?;
        let password = if is_nfc(&raw) { raw } else { raw.nfc().collect() };
        match password.chars().count() {
            n if n < Self::MIN => Err(Invalid::new("too_short", "must have at least 8 characters")),
            n if n > Self::MAX => Err(Invalid::new("too_long", "must have at most 128 characters")),
            _ => Ok(Self(password)),
        }
    }

    /// The password itself, for hashing only.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl FromStr for Password {
    type Err = Invalid;

    /// Does what [`Password::parse`] does.
    fn from_str(raw: &str) -> Result<Self, Invalid> {
        Self::parse(raw.to_owned())
    }
}

impl TryFrom<String> for Password {
    type Error = Invalid;

    fn try_from(raw: String) -> Result<Self, Invalid> {
        Self::parse(raw)
    }
}

impl fmt::Debug for Password {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Password(…)")
    }
}

/// A password that was entered to log in. It can be any text: the rules for new passwords don't apply.
#[derive(Clone, PartialEq, Eq)]
pub struct PasswordAttempt(String);

impl PasswordAttempt {
    pub fn new(raw: String) -> Self {
        Self(raw)
    }

    /// The entered text itself, for hashing only.
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// Every normal form in which this password may have been hashed: NFC first, which is used now, then the entered
    /// text and NFD, as older releases hashed passwords without normalization. Equal forms appear once, so that ASCII
    /// has one.
    pub fn forms(&self) -> Vec<String> {
        let mut forms: Vec<String> = vec![self.0.nfc().collect()];
        for form in [self.0.clone(), self.0.nfd().collect()] {
            if !forms.contains(&form) {
                forms.push(form);
            }
        }
        forms
    }
}

impl fmt::Debug for PasswordAttempt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PasswordAttempt(…)")
    }
}

/// A password hash, as a [`PasswordHasher`](crate::ports::password::PasswordHasher) made it.
#[derive(Clone, PartialEq, Eq)]
pub struct PasswordHash(String);

impl PasswordHash {
    pub fn new(hash: String) -> Self {
        Self(hash)
    }

    /// The hash in the hasher's notation.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for PasswordHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PasswordHash(…)")
    }
}

/// A password change by the account's owner, who has proven the former password.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PasswordChange {
    pub user_id: UserId,
    /// The hash that the former password was verified against. The change is refused if another one is stored by now.
    pub proven_by: PasswordHash,
    /// The hash of the new password.
    pub password: PasswordHash,
    /// The session that stays; every other session ends. Absent for a request without a session.
    pub kept: Option<SessionId>,
    pub at: Timestamp,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bounds_count_characters_and_white_space_stays() {
        assert_eq!(Password::parse("é".repeat(7)).map_err(|e| e.code), Err("too_short"));
        assert!(Password::parse(" ".repeat(8)).is_ok());
        assert!(Password::parse("é".repeat(128)).is_ok());
        assert_eq!(Password::parse("é".repeat(129)).map_err(|e| e.code), Err("too_long"));
        assert_eq!(Password::parse("1234567\0".to_owned()).map_err(|e| e.code), Err("nul_character"));
    }

    #[test]
    fn bounds_count_characters_after_nfc() {
        let decomposed = |n| "e\u{301}".repeat(n);
        assert_eq!(Password::parse(decomposed(7)).map_err(|e| e.code), Err("too_short"));
        assert!(Password::parse(decomposed(128)).is_ok());
        assert_eq!(Password::parse(decomposed(129)).map_err(|e| e.code), Err("too_long"));
        // U+0958 has no composed form: it is two characters in NFC.
        assert_eq!(Password::parse("\u{958}".repeat(65)).map_err(|e| e.code), Err("too_long"));
    }

    #[test]
    fn a_password_is_the_same_in_every_normal_form() {
        let [composed, decomposed] = ["\u{c5}ngstr\u{f6}m", "A\u{30a}ngstro\u{308}m"].map(str::to_owned);
        assert_eq!(Password::parse(composed.clone()).unwrap(), Password::parse(decomposed.clone()).unwrap());
        assert_eq!(Password::parse(decomposed).unwrap().expose(), composed);
    }

    #[test]
    fn an_attempt_has_each_form_once_and_nfc_first() {
        let forms = |text: &str| PasswordAttempt::new(text.to_owned()).forms();
        assert_eq!(forms("plain text"), ["plain text"]);
        for typed in ["\u{e9}", "e\u{301}"] {
            assert_eq!(forms(typed), ["\u{e9}", "e\u{301}"]);
        }
        let mixed = "\u{e9}e\u{301}";
        assert_eq!(forms(mixed), ["\u{e9}\u{e9}", mixed, "e\u{301}e\u{301}"]);
    }

    #[test]
    fn secrets_are_exposed_and_not_printed() {
        let text = || "sesame-open".to_owned();
        let (attempt, hash) = (PasswordAttempt::new(text()), PasswordHash::new(text()));
        let password = Password::parse(text()).unwrap();
        assert_eq!([password.expose(), attempt.expose(), hash.expose()], [text(), text(), text()]);
        let printed = [format!("{password:?}"), format!("{attempt:?}"), format!("{hash:?}")];
        assert_eq!(printed, ["Password(…)", "PasswordAttempt(…)", "PasswordHash(…)"]);
    }
}
