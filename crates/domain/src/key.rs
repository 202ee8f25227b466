//! Random instance keys that accounts and sessions have in addition to their ids.

use crate::field::Invalid;
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use std::{fmt, str::FromStr};

/// Random bytes that identify one instance of an account or session.
///
/// After an older backup was restored, storage assigns ids again; a key is never repeated. A token carries id and key,
/// so that it isn't valid for a later owner of the same id. A key is no secret and proves nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(try_from = "String", into = "String")
)]
pub struct InstanceKey([u8; Self::LENGTH]);

impl InstanceKey {
    /// Length in bytes.
    pub const LENGTH: usize = 16;

    /// Creates a key from bytes that the caller drew at random.
    pub const fn new(bytes: [u8; Self::LENGTH]) -> Self {
        Self(bytes)
    }

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
        f.write_str(&URL_SAFE_NO_PAD.encode(self.0))
    }
}

impl FromStr for InstanceKey {
    type Err = Invalid;

    /// Parses 22 characters of URL-safe base64 without padding.
    fn from_str(raw: &str) -> Result<Self, Invalid> {
        let mut bytes = [0; Self::LENGTH];
        match URL_SAFE_NO_PAD.decode_slice(raw, &mut bytes) {
            Ok(Self::LENGTH) => Ok(Self(bytes)),
            _ => Err(Invalid::new("invalid", "must be 16 bytes in URL-safe base64")),
        }
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
        let text = "CgAAAAAAAAAAAAAAAAAA_w";
        assert_eq!((key.to_string(), text.parse()), (text.to_owned(), Ok(key)));
        assert_eq!(InstanceKey::try_from(&bytes[..]), Ok(key));
        assert_eq!((key.as_bytes(), String::from(key).as_str()), (&bytes, text));
        assert_eq!(InstanceKey::try_from(text.to_owned()), Ok(key));
        for wrong in [
            "",
            "Cg",
            &text[1..],
            &format!("{text}A"),
            &format!("{text}=="),
            "CgAAAAAAAAAAAAAAAAAA_x",
            "CgAAAAAAAAAAAAAAAAAA/w",
        ] {
            assert!(wrong.parse::<InstanceKey>().is_err(), "{wrong}");
        }
        assert!(InstanceKey::try_from(&bytes[1..]).is_err());
    }
}
