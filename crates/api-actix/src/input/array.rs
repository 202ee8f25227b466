//! Arrays in bodies. A fault of an element names its place, like `labels.1`.

use super::fault::{Faults, path_of};
use deserr::{Deserr, IntoValue, Value, ValuePointerRef};
use fasttrack_domain::{
    Timestamp,
    api_token::{Scopes, TokenProjects},
    field::Invalid,
    id::LabelId,
    label::LabelIds,
    reminder::Reminders,
    requested::Requested,
    task::BulkIds,
    webhook::WebhookTypes,
};

/// Parses the elements of an array, and of these the whole.
pub fn array<T, A, V>(
    value: Value<V>,
    at: ValuePointerRef<'_>,
    whole: impl FnOnce(Vec<T>) -> Result<A, Invalid>,
) -> Result<A, Faults>
where
    T: Deserr<Faults>,
    V: IntoValue,
{
    let elements = <Vec<T> as Deserr<Faults>>::deserialize_from_value(value, at)?;
    whole(elements).map_err(|invalid| Faults::of(invalid.at(path_of(at))))
}

impl Deserr<Faults> for Requested<LabelId> {
    fn deserialize_from_value<V: IntoValue>(value: Value<V>, at: ValuePointerRef<'_>) -> Result<Self, Faults> {
        array(value, at, |ids| Self::parse(ids, LabelIds::MAX))
    }
}

impl Deserr<Faults> for Requested<Timestamp> {
    fn deserialize_from_value<V: IntoValue>(value: Value<V>, at: ValuePointerRef<'_>) -> Result<Self, Faults> {
        array(value, at, |instants| Self::parse(instants, Reminders::MAX))
    }
}

impl Deserr<Faults> for WebhookTypes {
    fn deserialize_from_value<V: IntoValue>(value: Value<V>, at: ValuePointerRef<'_>) -> Result<Self, Faults> {
        array(value, at, Self::parse)
    }
}

impl Deserr<Faults> for BulkIds {
    fn deserialize_from_value<V: IntoValue>(value: Value<V>, at: ValuePointerRef<'_>) -> Result<Self, Faults> {
        array(value, at, Self::parse)
    }
}

impl Deserr<Faults> for Scopes {
    fn deserialize_from_value<V: IntoValue>(value: Value<V>, at: ValuePointerRef<'_>) -> Result<Self, Faults> {
        array(value, at, Self::parse)
    }
}

impl Deserr<Faults> for TokenProjects {
    fn deserialize_from_value<V: IntoValue>(value: Value<V>, at: ValuePointerRef<'_>) -> Result<Self, Faults> {
        array(value, at, Self::parse)
    }
}
