//! How many tasks of a project stand where.

use crate::{
    Timestamp,
    event::{Event, EventKind},
    id::ProjectId,
    task::TaskStatus,
};

/// A project's tasks by their status.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProjectStatistics {
    /// Which project.
    pub project_id: ProjectId,
    /// Tasks that aren't begun.
    pub todo: i64,
    /// Tasks that are.
    pub in_progress: i64,
    /// Tasks that are finished.
    pub done: i64,
    /// When a number last changed; when the project was made where none ever did.
    pub updated_at: Timestamp,
}

impl ProjectStatistics {
    /// Of a project that has no tasks yet.
    pub const fn none(project_id: ProjectId, created_at: Timestamp) -> Self {
        Self { project_id, todo: 0, in_progress: 0, done: 0, updated_at: created_at }
    }

    /// All tasks.
    pub const fn total(&self) -> i64 {
        self.todo + self.in_progress + self.done
    }
}

/// What an event adds to a project's numbers, and takes from them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StatisticsDelta {
    /// Which project.
    pub project_id: ProjectId,
    /// To the tasks that aren't begun.
    pub todo: i64,
    /// To the tasks that are.
    pub in_progress: i64,
    /// To the tasks that are finished.
    pub done: i64,
    /// When.
    pub at: Timestamp,
}

impl StatisticsDelta {
    /// Of this event; `None` where it changes no number.
    pub fn of(event: &Event) -> Option<Self> {
        let (from, to) = match event.kind {
            EventKind::TaskCreated { status } => (None, Some(status)),
            EventKind::TaskDeleted { status } => (Some(status), None),
            EventKind::StatusChanged { old, new, .. } => (Some(old), Some(new)),
            EventKind::TaskAssigned { .. } | EventKind::CommentAdded { .. } => return None,
        };
        let mut delta = Self { project_id: event.task.project_id, todo: 0, in_progress: 0, done: 0, at: event.at };
        for (status, by) in [(from, -1), (to, 1)] {
            match status {
                Some(TaskStatus::Todo) => delta.todo += by,
                Some(TaskStatus::InProgress) => delta.in_progress += by,
                Some(TaskStatus::Done) => delta.done += by,
                None => {}
            }
        }
        Some(delta)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        event::TaskRef,
        id::{CommentId, TaskId, UserId},
        text::{ProjectName, TaskTitle},
    };
    use chrono::TimeDelta;
    use proptest::prelude::*;

    fn event(kind: EventKind) -> Event {
        let task = TaskRef {
            task_id: TaskId::new(5),
            title: TaskTitle::parse("Paint".to_owned()).unwrap(),
            project_id: ProjectId::new(4),
            project: ProjectName::parse("House".to_owned()).unwrap(),
            owner_id: UserId::new(1),
        };
        Event { task, actor_id: UserId::new(2), at: Timestamp::UNIX_EPOCH + TimeDelta::seconds(9), kind }
    }

    fn moved(old: TaskStatus, new: TaskStatus) -> EventKind {
        EventKind::StatusChanged { old, new, assignee_id: None }
    }

    fn numbers(kind: EventKind) -> Option<[i64; 3]> {
        StatisticsDelta::of(&event(kind)).map(|delta| [delta.todo, delta.in_progress, delta.done])
    }

    #[test]
    fn a_task_counts_where_it_stands_and_a_move_takes_it_from_one_number_to_the_other() {
        use TaskStatus::{Done, InProgress, Todo};
        for (kind, expected) in [
            (EventKind::TaskCreated { status: Todo }, [1, 0, 0]),
            (EventKind::TaskCreated { status: Done }, [0, 0, 1]),
            (EventKind::TaskDeleted { status: InProgress }, [0, -1, 0]),
            (moved(Todo, InProgress), [-1, 1, 0]),
            (moved(Done, InProgress), [0, 1, -1]),
            // Several steps at once are one event.
            (moved(Todo, Done), [-1, 0, 1]),
        ] {
            assert_eq!(numbers(kind.clone()), Some(expected), "{kind:?}");
        }
    }

    #[test]
    fn what_moves_no_task_changes_no_number() {
        assert_eq!(numbers(EventKind::TaskAssigned { assignee_id: UserId::new(3) }), None);
        assert_eq!(numbers(EventKind::CommentAdded { comment_id: CommentId::new(7), assignee_id: None }), None);
    }

    #[test]
    fn a_delta_belongs_to_the_project_and_the_time_of_its_event() {
        let event = event(moved(TaskStatus::Todo, TaskStatus::InProgress));
        let delta = StatisticsDelta::of(&event).unwrap();
        assert_eq!((delta.project_id, delta.at), (event.task.project_id, event.at));
    }

    #[test]
    fn a_project_without_tasks_has_zeros_of_the_time_it_was_made() {
        let none = ProjectStatistics::none(ProjectId::new(4), Timestamp::UNIX_EPOCH);
        assert_eq!((none.total(), none.updated_at), (0, Timestamp::UNIX_EPOCH));
        assert_eq!(ProjectStatistics { todo: 1, in_progress: 2, done: 4, ..none }.total(), 7);
    }

    proptest! {
        #[test]
        fn deltas_add_up_to_what_counting_gives(lives in prop::collection::vec(
            (prop::collection::vec(prop::sample::select(TaskStatus::ALL), 1..6), any::<bool>()), 0..20,
        )) {
            let (mut sum, mut count) = ([0; 3], [0; 3]);
            for (statuses, deleted) in lives {
                let last = statuses[statuses.len() - 1];
                let created = EventKind::TaskCreated { status: statuses[0] };
                let moves = statuses.windows(2).map(|pair| moved(pair[0], pair[1]));
                let end = deleted.then_some(EventKind::TaskDeleted { status: last });
                for delta in std::iter::once(created).chain(moves).chain(end).filter_map(numbers) {
                    sum = std::array::from_fn(|i| sum[i] + delta[i]);
                }
                if !deleted {
                    count[last as usize] += 1;
                }
            }
            prop_assert_eq!(sum, count);
        }
    }
}
