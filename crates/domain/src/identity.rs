//! Identities of another issuer (an `OpenID` provider), and the accounts that they are linked to.

use crate::{
    Timestamp,
    email::Email,
    field::Invalid,
    id::UserId,
    text::{DisplayName, refuse_nul},
};
use std::{fmt, str::FromStr};

/// The other issuer's id of a user: the `sub` claim. It is compared byte for byte and never trimmed.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(try_from = "String", into = "String")
)]
pub struct ExternalSubject(String);

impl ExternalSubject {
    pub const MAX: usize = 255;

    /// Accepts 1 to [`Self::MAX`] characters without U+0000 (`OpenID` Connect Core 1.0, section 2).
    pub fn parse(raw: String) -> Result<Self, Invalid> {
        refuse_nul(&raw)?;
        if !(1..=Self::MAX).contains(&raw.chars().count()) {
            return Err(Invalid::new("invalid", format!("must have 1 to {} characters", Self::MAX)));
        }
        Ok(Self(raw))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for ExternalSubject {
    type Err = Invalid;

    /// Does what [`ExternalSubject::parse`] does.
    fn from_str(raw: &str) -> Result<Self, Invalid> {
        Self::parse(raw.to_owned())
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

/// Identifies a user of another issuer permanently: an email address can change its owner, this can't.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Identity {
    /// Read from the `iss` claim.
    pub issuer: String,
    /// Read from the `sub` claim.
    pub subject: ExternalSubject,
}

/// Claims of another issuer about the bearer of a token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExternalIdentity {
    pub identity: Identity,
    /// The address for a new account, and for finding an account that isn't linked yet. It is absent unless the issuer
    /// says that it has verified it.
    pub verified_email: Option<Email>,
    /// The name for a new account, cut to [`DisplayName::MAX`] characters.
    pub name: Option<DisplayName>,
}

impl ExternalIdentity {
    /// The display name of a new account with this `email`.
    pub fn display_name(&self, email: &Email) -> DisplayName {
        self.name.clone().unwrap_or_else(|| email.default_display_name())
    }
}

/// An identity of an account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LinkedIdentity {
    pub identity: Identity,
    /// The time at which it was linked.
    pub created_at: Timestamp,
}

/// A link from an identity to an account, decided on one version of the account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IdentityLink {
    pub identity: Identity,
    pub user_id: UserId,
    /// The version of the account that the decision was made on.
    pub based_on: i64,
    pub at: Timestamp,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_subject_is_kept_to_the_letter() {
        for raw in ["7", " a ", "é\n", &"é".repeat(255)] {
            assert_eq!(ExternalSubject::parse(raw.to_owned()).map(String::from).as_deref(), Ok(raw));
            assert_eq!(raw.parse::<ExternalSubject>().unwrap().to_string(), raw);
        }
        for wrong in ["", "a\0", &"x".repeat(256)] {
            assert!(ExternalSubject::parse(wrong.to_owned()).is_err(), "{wrong:?}");
        }
    }
}
