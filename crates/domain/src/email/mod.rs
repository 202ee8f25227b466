//! Email addresses: validation, normalization and comparison.

mod form;
#[cfg(test)]
mod tests;

use crate::{
    field::Invalid,
    fold::fold,
    text::{DisplayName, refuse_nul},
};
use form::{ascii_domain, is_local_part, lowered};
use std::{fmt, str::FromStr};

/// The domain of placeholder addresses. Nobody can receive mail there (RFC 2606 section 2).
const PLACEHOLDER: &str = "@external.invalid";

/// A longer input is refused before it is normalized: no valid address has so many characters in any form.
const MAX_RAW: usize = 4 * Email::MAX;

/// An address that mail can be sent to: a dot-atom of RFC 6532 before the `@`, a host name after it.
///
/// The address is in Unicode's form C and in lower case, its domain in A-labels (RFC 5890). Two addresses belong to one
/// account if their [`key`](Self::key)s are equal. Mail goes to the address as its owner wrote it, as `straße` and
/// `strasse` are two mailboxes.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Email {
    address: String,
    /// Absent where it equals the address.
    key: Option<String>,
}

impl Email {
    /// Maximum length in characters (RFC 5321 section 4.5.3.1.3, minus the angle brackets).
    pub const MAX: usize = 254;

    /// Trims, validates and normalizes a new address. To find an account, use [`lookup`](Self::lookup).
    pub fn parse(raw: &str) -> Result<Self, Invalid> {
        let too_long = || Invalid::new("too_long", format!("must have at most {} characters", Self::MAX));
        let invalid = || Invalid::new("invalid", "must be an email address, like ann@example.org");
        refuse_nul(raw)?;
        let raw = raw.trim();
        if raw.chars().nth(MAX_RAW).is_some() {
            return Err(too_long());
        }
        let lower = lowered(raw);
        if lower.chars().nth(Self::MAX).is_some() {
            return Err(too_long());
        }
        let (local, domain) = lower.rsplit_once('@').filter(|(local, _)| is_local_part(local)).ok_or_else(invalid)?;
        let email = Self::new(local, &ascii_domain(domain).ok_or_else(invalid)?);
        if email.address.chars().nth(Self::MAX).is_some() {
            return Err(too_long());
        }
        // Placeholders are generated for accounts without an address; users can't enter them.
        if email.is_placeholder() { Err(invalid()) } else { Ok(email) }
    }

    /// Normalizes an address for finding an account. Accepts addresses that the present rules refuse, as an older
    /// account may have one; `None` for a text that no account can have.
    pub fn lookup(raw: &str) -> Option<Self> {
        let raw = raw.trim();
        if raw.contains('\0') || raw.chars().nth(MAX_RAW).is_some() {
            return None;
        }
        let lower = lowered(raw);
        let (local, domain) = lower.rsplit_once('@')?;
        Some(Self::new(local, &ascii_domain(domain).unwrap_or_else(|| domain.to_owned())))
    }

    /// Takes an address from storage unchanged. It may be older than the present rules.
    pub fn from_storage(address: String) -> Result<Self, Invalid> {
        let found = Self::lookup(&address).ok_or_else(|| Invalid::new("invalid", "is no email address"))?;
        let key = found.key.unwrap_or(found.address);
        Ok(Self { key: (key != address).then_some(key), address })
    }

    fn new(local: &str, domain: &str) -> Self {
        let key = (!local.is_ascii()).then(|| format!("{}@{domain}", fold(local)));
        let address = format!("{local}@{domain}");
        Self { key: key.filter(|key| *key != address), address }
    }

    /// Creates an address for an account that has none. `unique` has 1 to 64 ASCII letters, digits, `-` and `_`; it
    /// should be random, so that nobody can guess the address of another account.
    pub fn placeholder(unique: &str) -> Self {
        Self { address: format!("{}{PLACEHOLDER}", unique.to_ascii_lowercase()), key: None }
    }

    /// Whether this is a [`placeholder`](Self::placeholder), which no mail can reach.
    pub fn is_placeholder(&self) -> bool {
        self.address.ends_with(PLACEHOLDER)
    }

    pub fn as_str(&self) -> &str {
        &self.address
    }

    /// The form that is compared and unique among accounts: the local part has Unicode's full case folding.
    pub fn key(&self) -> &str {
        self.key.as_deref().unwrap_or(&self.address)
    }

    /// The default name of an account: the part before the `@`.
    pub fn default_display_name(&self) -> DisplayName {
        let local = self.address.rsplit_once('@').map_or(self.address.as_str(), |(local, _)| local);
        DisplayName::cut(local).unwrap_or_else(DisplayName::fallback)
    }
}

impl FromStr for Email {
    type Err = Invalid;

    /// Does what [`Email::parse`] does.
    fn from_str(raw: &str) -> Result<Self, Invalid> {
        Self::parse(raw)
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
        email.address
    }
}

impl fmt::Display for Email {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.address)
    }
}

#[cfg(feature = "serde")]
impl serde::Serialize for Email {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.address)
    }
}

/// Reads by [`Email::from_storage`], as a serialized address was valid when it was written.
#[cfg(feature = "serde")]
impl<'de> serde::Deserialize<'de> for Email {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::from_storage(String::deserialize(deserializer)?).map_err(serde::de::Error::custom)
    }
}
