//! Project statistics: the number of tasks by status.

use crate::{
    Timestamp,
    event::{Event, TaskEvent, TaskEventKind},
    id::ProjectId,
    task::TaskStatus,
};

/// The number of a project's tasks by status.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProjectStatistics {
    pub project_id: ProjectId,
    pub todo: i64,
    pub in_progress: i64,
    pub done: i64,
    /// The time of the last change of a number, or the project's creation.
    pub updated_at: Timestamp,
}

impl ProjectStatistics {
    /// The statistics of a project without tasks.
    pub const fn none(project_id: ProjectId, created_at: Timestamp) -> Self {
        Self { project_id, todo: 0, in_progress: 0, done: 0, updated_at: created_at }
    }

    /// The number of all tasks.
    pub const fn total(&self) -> i64 {
        self.todo + self.in_progress + self.done
    }
}

/// The changes of an event to a project's statistics; negative numbers are subtracted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StatisticsDelta {
    pub project_id: ProjectId,
    pub todo: i64,
    pub in_progress: i64,
    pub done: i64,
    pub at: Timestamp,
}

impl StatisticsDelta {
    /// Returns the changes of `event`, `None` if it changes no number.
    pub fn of(event: &Event) -> Option<Self> {
        match event {
            Event::Task(event) => Self::of_task(event),
            Event::ProjectShared(_) | Event::Change(_) | Event::Touched(_) => None,
        }
    }

    fn of_task(event: &TaskEvent) -> Option<Self> {
        let (from, to) = match event.kind {
            TaskEventKind::TaskCreated { status } => (None, Some(status)),
            TaskEventKind::TaskDeleted { status } => (Some(status), None),
            TaskEventKind::StatusChanged { old, new, .. } => (Some(old), Some(new)),
            TaskEventKind::TaskAssigned { .. }
            | TaskEventKind::CommentAdded { .. }
            | TaskEventKind::ReminderDue { .. } => return None,
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
        event::{ProjectShared, TaskRef},
        id::{CommentId, TaskId, UserId},
        membership::GrantedRole,
        text::{ProjectName, TaskTitle},
    };
    use chrono::TimeDelta;
    use proptest::prelude::*;

    fn event(kind: TaskEventKind) -> TaskEvent {
        let task = TaskRef {
            task_id: TaskId::new(5),
            title: TaskTitle::parse("Paint".to_owned()).unwrap(),
            project_id: ProjectId::new(4),
            project: ProjectName::parse("House".to_owned()).unwrap(),
            owner_id: UserId::new(1),
        };
        TaskEvent { task, actor_id: UserId::new(2), at: Timestamp::UNIX_EPOCH + TimeDelta::seconds(9), kind }
    }

    fn moved(old: TaskStatus, new: TaskStatus) -> TaskEventKind {
        TaskEventKind::StatusChanged { old, new, assignee_id: None }
    }

    fn numbers(kind: TaskEventKind) -> Option<[i64; 3]> {
        StatisticsDelta::of(&event(kind).into()).map(|delta| [delta.todo, delta.in_progress, delta.done])
    }

    #[test]
    fn status_change_moves_a_task_between_counts() {
        use TaskStatus::{Done, InProgress, Todo};
        for (kind, expected) in [
            (TaskEventKind::TaskCreated { status: Todo }, [1, 0, 0]),
            (TaskEventKind::TaskCreated { status: Done }, [0, 0, 1]),
            (TaskEventKind::TaskDeleted { status: InProgress }, [0, -1, 0]),
            (moved(Todo, InProgress), [-1, 1, 0]),
            (moved(Done, InProgress), [0, 1, -1]),
            // A change over several steps is one event.
            (moved(Todo, Done), [-1, 0, 1]),
        ] {
            assert_eq!(numbers(kind.clone()), Some(expected), "{kind:?}");
        }
    }

    #[test]
    fn events_without_status_change_count_nothing() {
        assert_eq!(numbers(TaskEventKind::TaskAssigned { assignee_id: UserId::new(3) }), None);
        assert_eq!(numbers(TaskEventKind::CommentAdded { comment_id: CommentId::new(7), assignee_id: None }), None);
        assert_eq!(numbers(TaskEventKind::ReminderDue { assignee_id: None, due: None }), None);
        let shared = ProjectShared {
            project_id: ProjectId::new(4),
            project: ProjectName::parse("House".to_owned()).unwrap(),
            user_id: UserId::new(3),
            role: GrantedRole::Editor,
            actor_id: UserId::new(1),
            at: Timestamp::UNIX_EPOCH,
        };
        assert_eq!(StatisticsDelta::of(&shared.into()), None);
    }

    #[test]
    fn a_delta_belongs_to_the_project_and_the_time_of_its_event() {
        let event = event(moved(TaskStatus::Todo, TaskStatus::InProgress));
        let delta = StatisticsDelta::of(&event.clone().into()).unwrap();
        assert_eq!((delta.project_id, delta.at), (event.task.project_id, event.at));
    }

    #[test]
    fn project_without_tasks_has_zeros_and_its_creation_time() {
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
                let created = TaskEventKind::TaskCreated { status: statuses[0] };
                let moves = statuses.windows(2).map(|pair| moved(pair[0], pair[1]));
                let end = deleted.then_some(TaskEventKind::TaskDeleted { status: last });
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
