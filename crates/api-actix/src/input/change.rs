//! Parses the part of the change feed that a query requests.

use super::{
    fault::Faults,
    field::{Text, wrong_kind},
};
use deserr::{Deserr, IntoValue, Value, ValueKind, ValuePointerRef};
use fasttrack_domain::{change::FeedCursor, field::Invalid, page::Limit};
use std::str::FromStr;

/// `query.since` of the change feed.
#[derive(Default)]
pub struct ChangesSince(pub Option<FeedCursor>);

impl Deserr<Faults> for ChangesSince {
    fn deserialize_from_value<V: IntoValue>(value: Value<V>, at: ValuePointerRef<'_>) -> Result<Self, Faults> {
        match value {
            Value::String(text) => FeedCursor::decode(&text)
                .map(|cursor| Self(Some(cursor)))
                .map_err(|_| Faults::of_cursor_in("query.since")),
            other => Err(wrong_kind(other, ValueKind::String, at)),
        }
    }
}

/// `query.limit` of the change feed.
pub struct ChangesLimit(pub Limit);

impl Default for ChangesLimit {
    fn default() -> Self {
        Self(Limit::CHANGES)
    }
}

impl Deserr<Faults> for ChangesLimit {
    fn deserialize_from_value<V: IntoValue>(value: Value<V>, at: ValuePointerRef<'_>) -> Result<Self, Faults> {
        Text::<Self>::deserialize_from_value(value, at).map(|text| text.0)
    }
}

impl FromStr for ChangesLimit {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        Limit::of_changes(text.parse().unwrap_or(0)).map(Self)
    }
}
