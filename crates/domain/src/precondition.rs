//! `If-Match` (RFC 9110 section 13.1.1) in terms of versions.

// @spec SPEC-010
/// The versions on which a client wants its change to be based.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Precondition {
    /// Nothing was asked for.
    #[default]
    None,
    /// Any version will do, as long as there is one (`*`).
    Any,
    /// One of these. Empty where the client named only tags that no version ever has.
    OneOf(Vec<i64>),
}

impl Precondition {
    /// Whether a change may be based on `version`.
    pub fn holds(&self, version: i64) -> bool {
        match self {
            Self::None | Self::Any => true,
            Self::OneOf(versions) => versions.contains(&version),
        }
    }

    /// Refuses with [`PreconditionFailed`] where the condition does not hold for `version`.
    pub fn check(&self, version: i64) -> Result<(), PreconditionFailed> {
        if self.holds(version) { Ok(()) } else { Err(PreconditionFailed) }
    }
}

/// Another version stands than the client named.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("another version stands than If-Match names")]
pub struct PreconditionFailed;
