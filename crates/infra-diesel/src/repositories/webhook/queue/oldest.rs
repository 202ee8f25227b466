//! Chooses the deliveries that go first.

use std::collections::HashMap;

/// Of deliveries in the order in which they are due, those that are the oldest of their subject, each in the place of the
/// first of its subject.
pub(super) fn oldest_of_each_subject(due: Vec<(i64, String)>) -> Vec<i64> {
    let mut places = HashMap::new();
    let mut oldest: Vec<i64> = Vec::new();
    for (id, subject) in due {
        let place = *places.entry(subject).or_insert(oldest.len());
        match oldest.get_mut(place) {
            Some(other) => *other = id.min(*other),
            None => oldest.push(id),
        }
    }
    oldest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn oldest_delivery_of_each_subject_goes_first() {
        let due = [(4, "task/1"), (2, "task/2"), (3, "task/1"), (5, "task/2"), (9, "project/1")];
        let due = due.map(|(id, subject)| (id, subject.to_owned())).into();
        assert_eq!(oldest_of_each_subject(due), [3, 2, 9]);
        assert_eq!(oldest_of_each_subject(Vec::new()), Vec::<i64>::new());
    }
}
