//! JSON merge patch (RFC 7396), one field at a time.

/// The patch of a field that can't be cleared; `None` leaves it unchanged.
pub type Set<T> = Option<T>;

/// The patch of a nullable field.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Patch<T> {
    /// The member is absent: the field is unchanged.
    #[default]
    Keep,
    /// The member is `null`: the field is cleared.
    Clear,
    /// The member has a value, which replaces the field's.
    Set(T),
}

impl<T> Patch<T> {
    /// Returns the field's value after the patch.
    pub fn apply(self, current: Option<T>) -> Option<T> {
        match self {
            Self::Keep => current,
            Self::Clear => None,
            Self::Set(value) => Some(value),
        }
    }

    /// The new value, if the patch sets one.
    pub fn value(&self) -> Option<&T> {
        match self {
            Self::Set(value) => Some(value),
            Self::Keep | Self::Clear => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn only_a_patch_that_sets_has_a_value() {
        assert_eq!([Patch::Keep, Patch::Clear, Patch::Set(7)].each_ref().map(Patch::value), [None, None, Some(&7)]);
    }

    fn patches() -> impl Strategy<Value = Patch<u8>> {
        prop_oneof![Just(Patch::Keep), Just(Patch::Clear), any::<u8>().prop_map(Patch::Set)]
    }

    proptest! {
        #[test]
        fn applying_a_patch_twice_is_applying_it_once(patch in patches(), current: Option<u8>) {
            let once = patch.apply(current);
            prop_assert_eq!(patch.apply(once), once);
        }

        #[test]
        fn the_last_patch_that_says_something_wins(first in patches(), second in patches(), current: Option<u8>) {
            let both = second.apply(first.apply(current));
            let expected = if second == Patch::Keep { first.apply(current) } else { second.apply(None) };
            prop_assert_eq!(both, expected);
        }
    }
}
