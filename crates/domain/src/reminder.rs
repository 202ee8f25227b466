//! Reminders: instants at which a task's assignee, else the project's owner, is notified.

use crate::{
    Timestamp,
    field::{FieldError, Invalid},
    requested::Requested,
};

/// The reminders of a task that are still to be given: different instants in ascending order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(transparent))]
pub struct Reminders(Vec<Timestamp>);

impl Reminders {
    /// The most reminders of a task.
    pub const MAX: usize = 5;

    /// The reminders that storage has of a task, in any order.
    pub fn from_storage(mut instants: Vec<Timestamp>) -> Self {
        instants.sort_unstable();
        Self(instants)
    }

    /// The instants, ascending.
    pub fn as_slice(&self) -> &[Timestamp] {
        &self.0
    }

    /// Those that are later than `now`.
    #[must_use]
    pub fn after(&self, now: Timestamp) -> Self {
        Self(self.0.iter().copied().filter(|at| *at > now).collect())
    }
}

impl From<&Requested<Timestamp>> for Reminders {
    fn from(requested: &Requested<Timestamp>) -> Self {
        Self(requested.distinct())
    }
}

impl Requested<Timestamp> {
    /// A fault for each instant that isn't later than `now`; `field` is the path of the array.
    pub fn past(&self, now: Timestamp, field: &str) -> Vec<FieldError> {
        let fault = |place| Invalid::new("past", "must be in the future").at(format!("{field}.{place}"));
        self.places(|at| at <= now).into_iter().map(fault).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::TimeDelta;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::UNIX_EPOCH + TimeDelta::seconds(seconds)
    }

    #[test]
    fn reminders_ascend_and_equal_ones_collapse() {
        let requested = Requested::parse(vec![at(9), at(3), at(9)], Reminders::MAX).unwrap();
        let reminders = Reminders::from(&requested);
        assert_eq!(reminders.as_slice(), [at(3), at(9)]);
        assert_eq!(reminders.after(at(3)).as_slice(), [at(9)]);
        assert_eq!(Reminders::from_storage(vec![at(9), at(3)]), reminders);
    }

    #[test]
    fn present_and_past_instants_are_named_by_place() {
        let requested = Requested::parse(vec![at(9), at(3), at(5)], Reminders::MAX).unwrap();
        let faults = requested.past(at(5), "tasks.3.reminders");
        let fields: Vec<_> = faults.iter().map(|fault| (fault.field.as_str(), fault.code)).collect();
        assert_eq!(fields, [("tasks.3.reminders.1", "past"), ("tasks.3.reminders.2", "past")]);
        assert_eq!(requested.past(at(2), "reminders"), []);
    }
}
