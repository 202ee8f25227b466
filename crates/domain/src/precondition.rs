//! `If-Match` and `If-None-Match` (RFC 9110 sections 13.1.1 and 13.1.2) in terms of versions.

/// The versions that one of the two headers names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Versions {
    /// `*`: whichever stands.
    Any,
    /// These. Empty where the client named only tags that no version ever has.
    OneOf(Vec<i64>),
}

impl Versions {
    /// Whether `version` is one of them.
    pub fn contains(&self, version: i64) -> bool {
        match self {
            Self::Any => true,
            Self::OneOf(versions) => versions.contains(&version),
        }
    }
}

// @spec SPEC-010
/// The conditions under which a client wants its request to be performed. The default has none.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Precondition {
    /// `If-Match`: one of these versions must stand.
    pub if_match: Option<Versions>,
    /// `If-None-Match`: none of these versions may stand.
    pub if_none_match: Option<Versions>,
}

impl Precondition {
    /// An `If-Match` of these versions alone.
    pub fn matching(versions: impl Into<Vec<i64>>) -> Self {
        Self { if_match: Some(Versions::OneOf(versions.into())), if_none_match: None }
    }

    /// Refuses a change of what has `version` now. Both conditions must hold, `If-Match` is judged first (RFC 9110
    /// section 13.2.2).
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

/// Which condition does not hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PreconditionFailed {
    /// Another version stands than the client named.
    #[error("another version stands than `If-Match` names: fetch it again, and base the change on its `ETag`")]
    IfMatch,
    /// What the client wants not to be there is there.
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
