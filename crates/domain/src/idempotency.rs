//! Requests that a client may send again without their being done again (`Idempotency-Key`).

use crate::{Timestamp, comment::Comment, field::Invalid, id::UserId, project::Project, task::Task};
use chrono::TimeDelta;
use std::fmt;

/// What a client calls a request, so that it is done once however often it arrives. Each user has keys of their own.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct IdempotencyKey(String);

impl IdempotencyKey {
    /// Most characters.
    pub const MAX: usize = 255;

    /// Takes 1 to [`Self::MAX`] visible ASCII characters.
    pub fn parse(raw: String) -> Result<Self, Invalid> {
        if !raw.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(Invalid::new("invalid", "must have visible ASCII characters only"));
        }
        match raw.len() {
            0 => Err(Invalid::new("too_short", "must have at least 1 character")),
            1..=Self::MAX => Ok(Self(raw)),
            _ => Err(Invalid::new("too_long", format!("must have at most {} characters", Self::MAX))),
        }
    }

    /// The checked key.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for IdempotencyKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The SHA-256 of all that a request asks for: two with equal fingerprints ask for the same.
pub type Fingerprint = [u8; 32];

/// A request that its client may send again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyedRequest {
    /// What the client calls it.
    pub key: IdempotencyKey,
    /// What it asks for.
    pub fingerprint: Fingerprint,
}

/// A request that is being done, to be remembered with what it creates.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Idempotency {
    /// Which request.
    pub request: KeyedRequest,
    /// Whose.
    pub user_id: UserId,
    /// Now.
    pub at: Timestamp,
}

impl Idempotency {
    /// How long a request is remembered.
    pub const LIFETIME: TimeDelta = TimeDelta::hours(24);

    /// From when on the key may name another request.
    pub fn expires_at(&self) -> Timestamp {
        self.at + Self::LIFETIME
    }
}

/// What a request created, as it was then.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(rename_all = "snake_case"))]
pub enum Created {
    /// A project.
    Project(Project),
    /// A task.
    Task(Task),
    /// A comment.
    Comment(Comment),
}

/// A request that was done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IdempotencyRecord {
    /// What it asked for.
    pub fingerprint: Fingerprint,
    /// What came of it.
    pub created: Created,
}

macro_rules! created {
    ($($entity:ident)+) => {$(
        impl From<$entity> for Created {
            fn from(entity: $entity) -> Self {
                Self::$entity(entity)
            }
        }

        impl TryFrom<Created> for $entity {
            /// Something else.
            type Error = Created;

            fn try_from(created: Created) -> Result<Self, Created> {
                match created {
                    Created::$entity(entity) => Ok(entity),
                    other => Err(other),
                }
            }
        }
    )+};
}

created!(Project Task Comment);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_visible_ascii_of_1_to_255_characters() {
        let code = |raw: &str| IdempotencyKey::parse(raw.to_owned()).map(drop).map_err(|invalid| invalid.code);
        for key in ["x", "!~", "\"8e03978e-40d5\"", &"k".repeat(255)] {
            assert_eq!(code(key), Ok(()), "{key:?}");
        }
        assert_eq!(code(""), Err("too_short"));
        assert_eq!(code(&"k".repeat(256)), Err("too_long"));
        for wrong in ["a b", " a", "a\tb", "é", "a\0", "\u{7f}"] {
            assert_eq!(code(wrong), Err("invalid"), "{wrong:?}");
        }
    }

    #[test]
    fn a_request_is_remembered_for_a_day() {
        let request = KeyedRequest { key: IdempotencyKey("k".to_owned()), fingerprint: [0; 32] };
        let kept = Idempotency { request, user_id: UserId::new(1), at: Timestamp::UNIX_EPOCH };
        assert_eq!(kept.expires_at(), Timestamp::UNIX_EPOCH + TimeDelta::days(1));
    }
}
