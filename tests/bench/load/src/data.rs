//! The rows of `tests/bench/seed`, and which of them a request is about.

use crate::Outcome;
use clap::Args;

/// How many rows were seeded. Project p belongs to user (p - 1) % users + 1, task t to project (t - 1) % projects + 1, and
/// the task is assigned to the user after the project's owner. Projects beyond `projects` are for lists with filters: one
/// for each user, with ten labels.
#[derive(Args)]
pub struct Data {
    #[arg(long)]
    pub users: u64,
    #[arg(long)]
    pub projects: u64,
    #[arg(long)]
    pub tasks: u64,
    /// Users behind all others, who only get tasks.
    #[arg(long, default_value_t = 0)]
    pub readers: u64,
}

/// A prime: as long as it divides no number of rows, its multiples visit each row once, far from the one before.
const STRIDE: u64 = 7919;

/// Of each user with a token there are two more: one who only logs in, and one who refreshes sessions.
const KINDS: u64 = 3;

/// The tasks of a page.
pub const PAGE: u64 = 50;

/// The labels of a project for lists with filters.
const LABELS: u64 = 10;

impl Data {
    /// Fails if there are too few tasks for each connection to have its own.
    pub fn check(&self, connections: u64) -> Outcome {
        if self.tasks < connections || self.tasks.is_multiple_of(STRIDE) || self.projects.is_multiple_of(STRIDE) {
            return Err(
                format!("{} tasks in {} projects for {connections} connections", self.tasks, self.projects).into()
            );
        }
        Ok(())
    }

    /// The id of a task. `tasks` turns in a row give each id once.
    pub fn task(&self, turn: u64) -> u64 {
        spread(turn, self.tasks)
    }

    /// The id of a project; likewise.
    pub fn project(&self, turn: u64) -> u64 {
        spread(turn, self.projects)
    }

    /// The id of a task that has a whole page of tasks behind it in each project.
    pub fn task_before_page(&self, turn: u64) -> u64 {
        spread(turn, self.tasks.saturating_sub((PAGE + 1) * self.projects).max(1))
    }

    pub fn project_of(&self, task: u64) -> u64 {
        (task - 1) % self.projects + 1
    }

    /// A project with labels, and one of them.
    pub fn label(&self, turn: u64) -> (u64, u64) {
        let number = turn % self.users;
        (self.projects + number + 1, number * LABELS + turn / self.users % LABELS + 1)
    }

    /// The id of a user who only gets tasks. There has to be one.
    pub fn reader(&self, turn: u64) -> u64 {
        KINDS * self.users + spread(turn, self.readers)
    }

    /// The number of a project's owner, from 0.
    pub fn owner(&self, project: u64) -> u64 {
        (project - 1) % self.users
    }

    /// The number of the user that a task is assigned to, from 0.
    pub fn assignee(&self, task: u64) -> u64 {
        self.project_of(task) % self.users
    }
}

/// The id of a row, 1 to `rows`.
fn spread(turn: u64, rows: u64) -> u64 {
    (turn % rows) * STRIDE % rows + 1
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    const DATA: Data = Data { users: 10, projects: 1000, tasks: 100_000, readers: 100 };

    #[test]
    fn every_row_has_its_turn() {
        let ids: BTreeSet<_> = (5..100_005).map(|turn| DATA.task(turn)).collect();
        assert_eq!((ids.len(), ids.first(), ids.last()), (100_000, Some(&1), Some(&100_000)));
    }

    #[test]
    fn pages_are_whole_at_any_depth() {
        let ids: BTreeSet<_> = (0..10_000).map(|turn| DATA.task_before_page(turn)).collect();
        assert!(ids.first() < Some(&1000) && ids.last() > Some(&48_000), "{ids:?}");
        assert!(ids.last() <= Some(&(100_000 - 51 * 1000)));
    }

    #[test]
    fn every_label_has_its_turn_with_its_project() {
        let pairs: BTreeSet<_> = (0..100).map(|turn| DATA.label(turn)).collect();
        assert_eq!((pairs.len(), pairs.first(), pairs.last()), (100, Some(&(1001, 1)), Some(&(1010, 100))));
        assert!(pairs.iter().all(|(project, label)| (label - 1) / 10 == project - 1001));
    }

    #[test]
    fn readers_come_behind_all_other_users() {
        let ids: BTreeSet<_> = (7..107).map(|turn| DATA.reader(turn)).collect();
        assert_eq!((ids.len(), ids.first(), ids.last()), (100, Some(&31), Some(&130)));
    }

    #[test]
    fn task_is_assigned_to_the_user_after_the_owner() {
        for task in [1, 10, 999, 1000, 1001, 99_990] {
            assert_eq!(DATA.assignee(task), (DATA.owner(DATA.project_of(task)) + 1) % 10, "{task}");
        }
    }

    #[test]
    fn each_connection_needs_a_task() {
        assert!(DATA.check(64).is_ok());
        assert!(Data { tasks: 63, ..DATA }.check(64).is_err());
        assert!(Data { tasks: 2 * STRIDE, ..DATA }.check(64).is_err());
    }
}
