//! Random keys beside ids.

use crate::field::Invalid;
use std::{fmt, str::FromStr};

/// Random bytes that an account or a session has beside its id.
///
/// Ids are given out again once an older backup was restored; a key never is. A token carries both, so that it isn't
/// mistaken for one of whoever has the id next. Nothing is proven by knowing a key: it isn't secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(try_from = "String", into = "String")
)]
pub struct InstanceKey([u8; Self::LENGTH]);

impl InstanceKey {
    /// In bytes.
    pub const LENGTH: usize = 16;

    /// Takes what was drawn at random.
    pub const fn new(bytes: [u8; Self::LENGTH]) -> Self {
        Self(bytes)
    }

    /// The bytes as storage keeps them.
    pub const fn as_bytes(&self) -> &[u8; Self::LENGTH] {
        &self.0
    }
}

impl TryFrom<&[u8]> for InstanceKey {
    type Error = Invalid;

    fn try_from(bytes: &[u8]) -> Result<Self, Invalid> {
        bytes.try_into().map(Self).map_err(|_| Invalid::new("invalid", "must have 16 bytes"))
    }
}

impl fmt::Display for InstanceKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:032x}", u128::from_be_bytes(self.0))
    }
}

impl FromStr for InstanceKey {
    type Err = Invalid;

    /// Reads 32 hexadecimal digits in lower case.
    fn from_str(raw: &str) -> Result<Self, Invalid> {
        let is_digit = |byte: u8| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
        let number = (raw.len() == 2 * Self::LENGTH && raw.bytes().all(is_digit))
            .then(|| u128::from_str_radix(raw, 16).ok())
            .flatten();
        let number = number.ok_or_else(|| Invalid::new("invalid", "must be 32 hexadecimal digits in lower case"))?;
        Ok(Self(number.to_be_bytes()))
    }
}

impl TryFrom<String> for InstanceKey {
    type Error = Invalid;

    fn try_from(raw: String) -> Result<Self, Invalid> {
        raw.parse()
    }
}

impl From<InstanceKey> for String {
    fn from(key: InstanceKey) -> Self {
        key.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_has_one_spelling() {
        let mut bytes = [0; InstanceKey::LENGTH];
        (bytes[0], bytes[15]) = (0x0a, 0xff);
        let key = InstanceKey::new(bytes);
        let text = "0a0000000000000000000000000000ff";
        assert_eq!((key.to_string(), text.parse()), (text.to_owned(), Ok(key)));
        assert_eq!(InstanceKey::try_from(&bytes[..]), Ok(key));
        for wrong in ["", "0a", &text.to_uppercase(), &text[1..], &format!("+{}", &text[1..]), &format!("{text}0")] {
            assert!(wrong.parse::<InstanceKey>().is_err(), "{wrong}");
        }
        assert!(InstanceKey::try_from(&bytes[1..]).is_err());
    }
}
