//! Labels, and what a task is planned by.

use super::{MOMENT, unique};
use chrono::TimeDelta;
use fasttrack_domain::{
    Timestamp,
    due::Due,
    id::{LabelId, ProjectId},
    label::{Color, LabelIds, MAX_LABELS, NewLabel},
    reminder::Reminders,
    requested::Requested,
    text::LabelName,
};

/// A label name. Panics where the text is not valid.
pub fn label_name(text: &str) -> LabelName {
    LabelName::parse(text.to_owned()).unwrap()
}

/// A color. Panics where the text is not valid.
pub fn color(text: &str) -> Color {
    Color::parse(text.to_owned()).unwrap()
}

/// A label with a name that no other has.
pub fn new_label(project_id: ProjectId) -> NewLabel {
    let name = label_name(&format!("Label {}", unique()));
    NewLabel { project_id, name, color: color("#1e90ff"), created_at: MOMENT, quota: MAX_LABELS, audit: None }
}

/// A day or an instant. Panics where the text is neither.
pub fn due(text: &str) -> Due {
    Due::parse(text).unwrap()
}

/// An array as a request has it, of any length.
pub fn requested<T: Copy + Ord>(elements: &[T]) -> Requested<T> {
    Requested::parse(elements.to_vec(), elements.len()).unwrap()
}

/// The labels of a task.
pub fn label_ids(ids: &[LabelId]) -> LabelIds {
    ids.iter().copied().collect()
}

/// The reminders of a task.
pub fn reminders(instants: &[Timestamp]) -> Reminders {
    Reminders::from(&requested(instants))
}

/// A microsecond before `at`.
pub fn just_before(at: Timestamp) -> Timestamp {
    at - TimeDelta::microseconds(1)
}
