//! Clients that create, change, read and delete tasks, and comment them.

use super::{
    clients::{Client, PAUSE},
    world::World,
};
use fastrand::Rng;
use fasttrack_tests::history::{Outcome, Status};
use std::{collections::BTreeMap, sync::Arc};

/// How often a request with a key is repeated while nobody knows what it did.
const RETRIES: usize = 4;

/// A writer, with the version and status that it saw last of each task.
struct Writer {
    client: Client,
    world: Arc<World>,
    projects: Vec<i64>,
    seen: BTreeMap<i64, (i64, Status)>,
}

/// Sends requests of all kinds for these projects until the load is over.
pub(super) async fn write(client: Client, world: Arc<World>, projects: Vec<i64>) {
    let mut writer = Writer { client, world, projects, seen: BTreeMap::new() };
    while !writer.world.is_over() {
        writer.act().await;
        writer.world.pause(PAUSE).await;
    }
}

impl Writer {
    async fn act(&mut self) {
        let project = self.projects[self.client.rng.usize(..self.projects.len())];
        let Some(task) = self.world.task_of(project, &mut self.client.rng) else { return self.create(project).await };
        match self.client.rng.u8(..100) {
            0..14 => self.create(project).await,
            14..46 => self.change(project, task).await,
            46..66 => self.read(project, task).await,
            66..70 => self.delete(project, task).await,
            70..78 => {
                let limit = self.client.rng.usize(5..=40);
                self.client.walk_tasks(project, limit).await;
            }
            78..86 => self.comment(project, task).await,
            86..90 => {
                let limit = self.client.rng.usize(1..=10);
                self.client.walk_comments(project, task, limit).await;
            }
            90..93 => {
                self.client.statistics(project).await;
            }
            93..95 => {
                self.client.who_am_i().await;
            }
            _ => self.client.move_on(),
        }
    }

    /// Creates a task, two of three with a key. Such a request is repeated, always while its outcome is unknown.
    async fn create(&mut self, project: i64) {
        let number = self.world.number();
        let title = format!("Task {number}");
        let value = self.client.rng.bool().then(|| format!("Value {number}"));
        let status = any_status(&mut self.client.rng);
        let key = (self.client.rng.u8(..3) > 0).then(|| format!("task-{number}"));
        for _ in 0..RETRIES {
            let outcome = self.client.create_task(project, &title, value.clone(), status, key.clone()).await;
            if let Outcome::Task { task, replayed, .. } = &outcome {
                self.world.add(project, task.id);
                // A repeated answer shows the task as it was.
                if !replayed {
                    self.seen.insert(task.id, (task.version, task.status));
                }
            }
            if key.is_none() || !self.is_repeated(&outcome) {
                return;
            }
        }
    }

    /// Whether to send a request with a key once more, and where it is, on another node.
    fn is_repeated(&mut self, outcome: &Outcome) -> bool {
        let is_repeated = outcome.is_unknown() || self.client.rng.u8(..3) == 0;
        if is_repeated && !outcome.is_unknown() {
            self.client.move_on();
        }
        is_repeated
    }

    async fn read(&mut self, project: i64, task: i64) {
        let seen = self.seen.get(&task).map(|(version, _)| *version);
        let if_none_match = seen.filter(|_| self.client.rng.u8(..3) == 0);
        let outcome = self.client.read_task(project, task, if_none_match).await;
        self.note(task, &outcome);
    }

    async fn change(&mut self, project: i64, task: i64) {
        let seen = self.seen.get(&task).copied();
        let rng = &mut self.client.rng;
        // Of those with a version some have a former one, which is to be refused.
        let if_match = seen.and_then(|(version, _)| match rng.u8(..6) {
            0..2 => Some(version),
            2 => Some((version - 1).max(1)),
            _ => None,
        });
        let status = match seen {
            _ if rng.u8(..5) > 1 => None,
            Some((_, status)) => Some(step(status, rng)),
            None => Some(any_status(rng)),
        };
        let has_value = status.is_none() || rng.bool();
        let value = has_value.then(|| format!("Value {}", self.world.number()));
        let outcome = self.client.change_task(project, task, value, status, if_match).await;
        self.note(task, &outcome);
    }

    async fn delete(&mut self, project: i64, task: i64) {
        let seen = self.seen.get(&task).map(|(version, _)| *version);
        let if_match = seen.filter(|_| self.client.rng.bool());
        let outcome = self.client.delete_task(project, task, if_match).await;
        if outcome == Outcome::Done {
            self.world.forget(task);
        }
    }

    /// Comments a task, every other time with a key.
    async fn comment(&mut self, project: i64, task: i64) {
        let number = self.world.number();
        let body = format!("Comment {number}");
        let key = self.client.rng.bool().then(|| format!("comment-{number}"));
        for _ in 0..RETRIES {
            let outcome = self.client.create_comment(project, task, &body, key.clone()).await;
            if key.is_none() || !self.is_repeated(&outcome) {
                return;
            }
        }
    }

    fn note(&mut self, task: i64, outcome: &Outcome) {
        match outcome {
            Outcome::Task { task, .. } => {
                self.seen.insert(task.id, (task.version, task.status));
            }
            Outcome::Refused { status: 404, .. } => self.world.forget(task),
            _ => {}
        }
    }
}

/// A status that follows from another one by one step.
fn step(from: Status, rng: &mut Rng) -> Status {
    match from {
        Status::Todo | Status::Done => Status::InProgress,
        Status::InProgress if rng.bool() => Status::Todo,
        Status::InProgress => Status::Done,
    }
}

/// Any status.
fn any_status(rng: &mut Rng) -> Status {
    [Status::Todo, Status::InProgress, Status::Done][rng.usize(..3)]
}
