//! Validation errors of one field.

use std::borrow::Cow;

/// Why a value is invalid. [`at`](Self::at) adds the field's path.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct Invalid {
    /// A stable, machine-readable code: `too_long`, `nul_character`, …
    pub code: &'static str,
    /// A human-readable sentence that says what a valid value is.
    pub message: Cow<'static, str>,
}

impl Invalid {
    pub fn new(code: &'static str, message: impl Into<Cow<'static, str>>) -> Self {
        Self { code, message: message.into() }
    }

    /// Adds the dotted path of the field.
    #[must_use]
    pub fn at(self, field: impl Into<String>) -> FieldError {
        FieldError { field: field.into(), code: self.code, message: self.message }
    }
}

/// An invalid field: `email`, `query.limit`, `path.id`.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[error("{field}: {message}")]
pub struct FieldError {
    pub field: String,
    pub code: &'static str,
    pub message: Cow<'static, str>,
}
