//! Users of another issuer: who it says somebody is, and which account that is here.

use crate::{
    Timestamp,
    email::Email,
    field::Invalid,
    id::UserId,
    text::{DisplayName, refuse_nul},
    token::TokenId,
};
use std::fmt;

/// What another issuer calls a user: its `sub`. Compared byte for byte, never trimmed.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(try_from = "String", into = "String")
)]
pub struct ExternalSubject(String);

impl ExternalSubject {
    /// Most characters (`OpenID` Connect Core 1.0, section 2).
    pub const MAX: usize = 255;

    /// Takes 1 to [`Self::MAX`] characters without U+0000.
    pub fn parse(raw: String) -> Result<Self, Invalid> {
        refuse_nul(&raw)?;
        if !(1..=Self::MAX).contains(&raw.chars().count()) {
            return Err(Invalid::new("invalid", format!("must have 1 to {} characters", Self::MAX)));
        }
        Ok(Self(raw))
    }

    /// The subject as it stands in the token.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for ExternalSubject {
    type Error = Invalid;

    fn try_from(raw: String) -> Result<Self, Invalid> {
        Self::parse(raw)
    }
}

impl From<ExternalSubject> for String {
    fn from(subject: ExternalSubject) -> Self {
        subject.0
    }
}

impl fmt::Display for ExternalSubject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What names a user of another issuer for good: addresses change hands, this doesn't.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Identity {
    /// `iss`.
    pub issuer: String,
    /// `sub`.
    pub subject: ExternalSubject,
}

/// Who another issuer says the bearer of a token is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExternalIdentity {
    /// What the account is found by.
    pub identity: Identity,
    /// For a new account, and for finding one that isn't linked yet: only an address that the issuer says to have
    /// verified. What somebody merely claims is nobody's.
    pub verified_email: Option<Email>,
    /// For a new account, cut to its bound.
    pub name: Option<DisplayName>,
}

impl ExternalIdentity {
    /// What a new account of `email` is called.
    pub fn display_name(&self, email: &Email) -> DisplayName {
        self.name.clone().unwrap_or_else(|| email.default_display_name())
    }
}

/// An account that is to be an identity's, decided on one version of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Link {
    /// Whose it is to be.
    pub identity: Identity,
    /// The account.
    pub user_id: UserId,
    /// The version that this was decided on.
    pub based_on: i64,
    /// Now.
    pub at: Timestamp,
}

/// What a token of another issuer says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExternalClaims {
    /// Whose it is.
    pub identity: ExternalIdentity,
    /// Made of all that is signed: a `jti` is nothing that issuers must give, nor give once.
    pub token_id: TokenId,
    /// `exp`.
    pub expires_at: Timestamp,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_subject_is_kept_to_the_letter() {
        for raw in ["7", " a ", "é\n", &"é".repeat(255)] {
            assert_eq!(ExternalSubject::parse(raw.to_owned()).map(String::from).as_deref(), Ok(raw));
        }
        for wrong in ["", "a\0", &"x".repeat(256)] {
            assert!(ExternalSubject::parse(wrong.to_owned()).is_err(), "{wrong:?}");
        }
    }
}
