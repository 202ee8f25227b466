//! Passwords and what is kept of them. Neither can be printed.

use crate::{
    Timestamp,
    field::Invalid,
    id::{SessionId, UserId},
    text::refuse_nul,
};
use std::fmt;

// @norm NORM-SEC-001
/// A password that may be set: 8 to 128 characters, not trimmed, without U+0000.
#[derive(Clone, PartialEq, Eq)]
pub struct Password(String);

impl Password {
    /// Fewest characters.
    pub const MIN: usize = 8;
    /// Most characters.
    pub const MAX: usize = 128;

    /// Checks the bounds.
    pub fn parse(raw: String) -> Result<Self, Invalid> {
        refuse_nul(&raw)?;
        match raw.chars().count() {
            n if n < Self::MIN => Err(Invalid::new("too_short", "must have at least 8 characters")),
            n if n > Self::MAX => Err(Invalid::new("too_long", "must have at most 128 characters")),
            _ => Ok(Self(raw)),
        }
    }

    /// The secret, for hashing.
    pub fn expose(&self) -> &str {
        &self.0
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

/// What somebody claims their password to be. Any text: whether it could have been set is no business of a login.
#[derive(Clone, PartialEq, Eq)]
pub struct PasswordAttempt(String);

impl PasswordAttempt {
    /// Takes the claim as it is.
    pub fn new(raw: String) -> Self {
        Self(raw)
    }

    /// The secret, for comparing.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for PasswordAttempt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PasswordAttempt(…)")
    }
}

/// A password hash as a [`PasswordHasher`](crate::ports::password::PasswordHasher) made it.
#[derive(Clone, PartialEq, Eq)]
pub struct PasswordHash(String);

impl PasswordHash {
    /// Takes the hasher's own notation.
    pub fn new(hash: String) -> Self {
        Self(hash)
    }

    /// The hasher's own notation.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for PasswordHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PasswordHash(…)")
    }
}

/// Another password, set by who knows the one before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PasswordChange {
    /// Whose.
    pub user_id: UserId,
    /// What the former password was compared with.
    pub proven_by: PasswordHash,
    /// What proves the owner from now on.
    pub password: PasswordHash,
    /// The session that goes on; none where the user came without one.
    pub kept: Option<SessionId>,
    /// Now.
    pub at: Timestamp,
    /// When the last access token of the other sessions has expired.
    pub block_until: Timestamp,
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
    fn nothing_secret_is_printed() {
        let printed = format!(
            "{:?} {:?} {:?}",
            Password::parse("sesame-open".to_owned()),
            PasswordAttempt::new("sesame-open".to_owned()),
            PasswordHash::new("sesame-open".to_owned())
        );
        assert!(!printed.contains("sesame"), "{printed}");
    }
}
