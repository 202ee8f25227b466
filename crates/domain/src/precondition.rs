//! Preconditions on versions: `If-Match` and `If-None-Match` (RFC 9110 sections 13.1.1 and 13.1.2).

/// The versions in one of the two headers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Versions {
    /// `*`: any existing version matches.
    Any,
    /// A list of versions. It is empty where the client sent only entity tags that no version has.
    OneOf(Vec<i64>),
}

impl Versions {
    pub fn contains(&self, version: i64) -> bool {
        match self {
            Self::Any => true,
            Self::OneOf(versions) => versions.contains(&version),
        }
    }
}

// @spec SPEC-010
/// The preconditions of a request. The default has none.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Precondition {
    /// The request is performed only if the current version is one of these.
    pub if_match: Option<Versions>,
    /// The request is performed only if the current version is none of these.
    pub if_none_match: Option<Versions>,
}

impl Precondition {
    /// Creates an `If-Match` precondition.
    pub fn matching(versions: impl Into<Vec<i64>>) -> Self {
        Self { if_match: Some(Versions::OneOf(versions.into())), if_none_match: None }
    }

    /// Checks both conditions against the current version, `If-Match` first (RFC 9110 section 13.2.2).
    pub fn check(&self, version: i64) -> Result<(), PreconditionFailed> {
        if self.if_match.as_ref().is_some_and(|versions| !versions.contains(version)) {
            return Err(PreconditionFailed::IfMatch);
        }
        if self.if_none_match.as_ref().is_some_and(|versions| versions.contains(version)) {
            return Err(PreconditionFailed::IfNoneMatch);
        }
        Ok(())
    }
}

/// The precondition that failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PreconditionFailed {
    /// The current version is none of those in `If-Match`.
    #[error("another version stands than `If-Match` names: fetch it again, and base the change on its `ETag`")]
    IfMatch,
    /// The current version is one of those in `If-None-Match`.
    #[error("`If-None-Match` names what stands already: fetch it again, and decide by what it is now")]
    IfNoneMatch,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(if_match: Option<Versions>, if_none_match: Option<Versions>) -> Precondition {
        Precondition { if_match, if_none_match }
    }

    #[test]
    fn both_conditions_must_hold_and_if_match_comes_first() {
        let one = |version| Some(Versions::OneOf(vec![version]));
        for (precondition, expected) in [
            (Precondition::default(), Ok(())),
            (of(one(3), None), Ok(())),
            (of(Some(Versions::Any), None), Ok(())),
            (of(one(4), None), Err(PreconditionFailed::IfMatch)),
            (Precondition::matching([]), Err(PreconditionFailed::IfMatch)),
            (of(None, one(4)), Ok(())),
            (of(None, one(3)), Err(PreconditionFailed::IfNoneMatch)),
            (of(None, Some(Versions::Any)), Err(PreconditionFailed::IfNoneMatch)),
            (of(one(3), one(4)), Ok(())),
            (of(one(3), one(3)), Err(PreconditionFailed::IfNoneMatch)),
            (of(one(4), Some(Versions::Any)), Err(PreconditionFailed::IfMatch)),
        ] {
            assert_eq!(precondition.check(3), expected, "{precondition:?}");
        }
    }
}
