use fasttrack_domain::{
    event::Event,
    ports::outbox::{Consequence, EventSubscriber},
    statistics::StatisticsDelta,
    text::DisplayName,
};

// @spec SPEC-011
/// Adds an event to the statistics of its project.
#[derive(Clone, Copy, Debug)]
pub struct Count;

impl EventSubscriber for Count {
    fn consequences(&self, event: &Event, _: &DisplayName) -> Vec<Consequence> {
        StatisticsDelta::of(event).map(Consequence::Count).into_iter().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixtures::{ASSIGNEE, event, now, parsed, project};
    use fasttrack_domain::{event::TaskEventKind, task::TaskStatus};

    #[test]
    fn a_move_is_counted_and_an_assignment_is_not() {
        let moved =
            TaskEventKind::StatusChanged { old: TaskStatus::Todo, new: TaskStatus::InProgress, assignee_id: None };
        let delta = StatisticsDelta { project_id: project().id, todo: -1, in_progress: 1, done: 0, at: now() };
        assert_eq!(Count.consequences(&event(moved).into(), &parsed("Ann")), [Consequence::Count(delta)]);
        let assigned = TaskEventKind::TaskAssigned { assignee_id: ASSIGNEE.id };
        assert_eq!(Count.consequences(&event(assigned).into(), &parsed("Ann")), []);
    }
}
