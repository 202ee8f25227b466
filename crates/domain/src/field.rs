//! What can be wrong with one value, and where it stood.

use std::borrow::Cow;

/// Why a value was refused. The place is added by whoever knows it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct Invalid {
    /// Stable, for programs: `too_long`, `nul_character`, …
    pub code: &'static str,
    /// For people; says what would have been right.
    pub message: Cow<'static, str>,
}

impl Invalid {
    /// A reason with a fixed or a composed message.
    pub fn new(code: &'static str, message: impl Into<Cow<'static, str>>) -> Self {
        Self { code, message: message.into() }
    }

    /// The same reason at `field`.
    #[must_use]
    pub fn at(self, field: impl Into<String>) -> FieldError {
        FieldError { field: field.into(), code: self.code, message: self.message }
    }
}

/// A refused value and its dotted path: `email`, `query.limit`, `path.id`.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[error("{field}: {message}")]
pub struct FieldError {
    /// Dotted path.
    pub field: String,
    /// Stable, for programs.
    pub code: &'static str,
    /// For people.
    pub message: Cow<'static, str>,
}
