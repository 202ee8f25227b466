//! Arrays in requests whose order and repetitions mean nothing.

use crate::field::Invalid;

/// The elements as they were sent, so that a fault can name the place of an element, like `labels.1`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Requested<T>(Vec<T>);

impl<T> Default for Requested<T> {
    /// No elements.
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<T: Copy + Ord> Requested<T> {
    /// Accepts up to `max` different elements.
    pub fn parse(elements: Vec<T>, max: usize) -> Result<Self, Invalid> {
        let requested = Self(elements);
        if requested.distinct().len() > max {
            return Err(Invalid::new("too_many", format!("must have at most {max} different elements")));
        }
        Ok(requested)
    }

    /// The elements in the order of the request.
    pub fn elements(&self) -> &[T] {
        &self.0
    }

    /// Each element once, in ascending order.
    pub fn distinct(&self) -> Vec<T> {
        let mut elements = self.0.clone();
        elements.sort_unstable();
        elements.dedup();
        elements
    }

    /// The places of the elements that a condition holds for.
    pub fn places(&self, mut condition: impl FnMut(T) -> bool) -> Vec<usize> {
        self.0.iter().enumerate().filter(|(_, element)| condition(**element)).map(|(place, _)| place).collect()
    }
}

/// What a change adds to a stored set, and what it removes. Other elements stay, whatever they are by then.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference<T> {
    pub added: Vec<T>,
    pub removed: Vec<T>,
}

impl<T> Default for Difference<T> {
    /// Adds and removes nothing.
    fn default() -> Self {
        Self { added: Vec::new(), removed: Vec::new() }
    }
}

impl<T: Copy + Ord> Difference<T> {
    /// The difference of two ascending lists.
    pub fn between(before: &[T], after: &[T]) -> Self {
        let missing = |from: &[T], list: &[T]| -> Vec<T> {
            list.iter().copied().filter(|element| from.binary_search(element).is_err()).collect()
        };
        Self { added: missing(before, after), removed: missing(after, before) }
    }

    /// Whether nothing is added or removed.
    pub fn is_empty(&self) -> bool {
        self.added.is_empty() && self.removed.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeSet;

    #[test]
    fn repetitions_do_not_count() {
        let requested = Requested::parse(vec![3, 1, 3, 2, 1], 3).unwrap();
        assert_eq!((requested.elements(), requested.distinct()), (&[3, 1, 3, 2, 1][..], vec![1, 2, 3]));
        assert_eq!(requested.places(|element| element == 3), [0, 2]);
        assert_eq!(Requested::parse(vec![3, 1, 2], 2).map_err(|error| error.code), Err("too_many"));
    }

    proptest! {
        #[test]
        fn difference_leads_from_one_set_to_the_other(before: BTreeSet<u8>, after: BTreeSet<u8>) {
            let (old, new): (Vec<_>, Vec<_>) = (before.iter().copied().collect(), after.iter().copied().collect());
            let difference = Difference::between(&old, &new);
            let mut set = before.clone();
            for element in &difference.removed {
                prop_assert!(set.remove(element));
            }
            for element in &difference.added {
                prop_assert!(set.insert(*element));
            }
            prop_assert_eq!(set == before, difference.is_empty());
            prop_assert_eq!(set, after);
        }
    }
}
