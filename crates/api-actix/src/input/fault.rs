//! Collects the faults of a request.

use crate::http::error::ApiError;
use deserr::{DeserializeError, ErrorKind, IntoValue, MergeWithError, ValueKind, ValuePointerRef};
use fasttrack_domain::{
    field::{FieldError, Invalid},
    page::InvalidCursor,
};
use std::ops::ControlFlow;

/// Maximum number of faults. A body of a megabyte could have many times as many, in a response of many megabytes.
const MAX_FAULTS: usize = 5_000;

// @spec SPEC-009
// @norm NORM-API-002
/// The faults of a request that were found so far.
#[derive(Debug, Default)]
pub struct Faults {
    fields: Vec<FieldError>,
    /// The field with a cursor that the server did not issue.
    cursor: Option<&'static str>,
}

impl Faults {
    pub fn of(field: FieldError) -> Self {
        Self { fields: vec![field], cursor: None }
    }

    /// A cursor of a list that the server did not issue.
    pub fn of_cursor(_: InvalidCursor) -> Self {
        Self::of_cursor_in("query.cursor")
    }

    /// A cursor in this field that the server did not issue.
    pub fn of_cursor_in(field: &'static str) -> Self {
        Self { fields: Vec::new(), cursor: Some(field) }
    }

    pub fn is_empty(&self) -> bool {
        self.fields.is_empty() && self.cursor.is_none()
    }

    /// These faults, and those of `other` that concern other fields.
    #[must_use]
    pub fn or(self, mut other: Self) -> Self {
        other.fields.retain(|fault| self.fields.iter().all(|known| !is_within(&fault.field, &known.field)));
        self.and(other)
    }

    /// Both together, as far as there is room.
    #[must_use]
    pub fn and(mut self, other: Self) -> Self {
        let room = MAX_FAULTS.saturating_sub(self.fields.len());
        self.fields.extend(other.fields.into_iter().take(room));
        self.cursor = self.cursor.or(other.cursor);
        self
    }
}

impl From<Faults> for ApiError {
    fn from(faults: Faults) -> Self {
        match faults.cursor {
            Some(field) if faults.fields.is_empty() => Self::invalid_cursor(field),
            Some(field) => {
                let cursor = Self::invalid_cursor(field).details;
                Self::validation(faults.fields.into_iter().chain(cursor).collect())
            }
            None => Self::validation(faults.fields),
        }
    }
}

/// Whether two dotted paths are equal, or one contains the other.
fn is_within(path: &str, other: &str) -> bool {
    let below = |inner: &str, outer: &str| inner.strip_prefix(outer).is_some_and(|rest| rest.starts_with('.'));
    path == other || below(path, other) || below(other, path)
}

/// The dotted path of a place; `body` for the body itself.
pub fn path_of(location: ValuePointerRef<'_>) -> String {
    match location {
        ValuePointerRef::Origin => "body".to_owned(),
        ValuePointerRef::Key { key, prev: ValuePointerRef::Origin } => key.to_owned(),
        ValuePointerRef::Key { key, prev } => format!("{}.{key}", path_of(*prev)),
        ValuePointerRef::Index { index, prev } => format!("{}.{index}", path_of(*prev)),
    }
}

impl DeserializeError for Faults {
    fn error<V: IntoValue>(
        found: Option<Self>,
        error: ErrorKind<'_, V>,
        location: ValuePointerRef<'_>,
    ) -> ControlFlow<Self, Self> {
        let fault = match error {
            ErrorKind::IncorrectValueKind { actual, accepted } => {
                wrong_type(actual.kind(), accepted).at(path_of(location))
            }
            ErrorKind::MissingField { field } => {
                Invalid::new("required", "is required").at(path_of(location.push_key(field)))
            }
            ErrorKind::UnknownKey { key, accepted } => {
                let known = accepted.join("`, `");
                Invalid::new("unknown_field", format!("is no field of this request; those are: `{known}`"))
                    .at(path_of(location.push_key(key)))
            }
            ErrorKind::UnknownValue { accepted, .. } => {
                Invalid::new("invalid", format!("must be one of: `{}`", accepted.join("` `"))).at(path_of(location))
            }
            ErrorKind::BadSequenceLen { expected, .. } => {
                Invalid::new("out_of_range", format!("must have {expected} elements")).at(path_of(location))
            }
            ErrorKind::Unexpected { .. } => Invalid::new("invalid", "is not valid").at(path_of(location)),
        };
        ControlFlow::Continue(found.unwrap_or_default().and(Self::of(fault)))
    }
}

impl MergeWithError<Self> for Faults {
    fn merge(found: Option<Self>, other: Self, _: ValuePointerRef<'_>) -> ControlFlow<Self, Self> {
        ControlFlow::Continue(found.unwrap_or_default().and(other))
    }
}

fn wrong_type(actual: ValueKind, accepted: &[ValueKind]) -> Invalid {
    let mut names: Vec<_> = accepted.iter().map(|kind| name(*kind)).collect();
    names.dedup();
    let actual = name(actual);
    Invalid::new("wrong_type", format!("must be {}, not {actual}", names.join(" or ")))
}

fn name(kind: ValueKind) -> &'static str {
    match kind {
        ValueKind::Null => "null",
        ValueKind::Boolean => "a boolean",
        ValueKind::Integer | ValueKind::NegativeInteger => "an integer",
        ValueKind::Float => "a fraction",
        ValueKind::String => "a string",
        ValueKind::Sequence => "an array",
        ValueKind::Map => "an object",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn number_of_faults_is_bounded() {
        let fault = |field: usize| Faults::of(Invalid::new("invalid", "is not valid").at(field.to_string()));
        let faults = (0..=MAX_FAULTS).map(fault).fold(Faults::default(), Faults::and);
        let details = ApiError::from(faults).details;
        assert_eq!((details.len(), details[0].field.as_str()), (MAX_FAULTS, "0"));
    }
}
