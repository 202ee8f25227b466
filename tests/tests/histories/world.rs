//! What the clients of a load have in common.

use super::people::People;
use fastrand::Rng;
use std::{
    sync::{
        Mutex,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
    time::Duration,
};
use tokio::{sync::watch, time::timeout};

/// Among how many of the latest tasks clients choose, so that they meet.
const LATEST: usize = 10;

/// The users of a load, its tasks, and whether it is over.
pub(super) struct World {
    pub(super) people: People,
    /// The project and the id of each task that was created.
    tasks: Mutex<Vec<(i64, i64)>>,
    next: AtomicU64,
    over: watch::Sender<bool>,
}

impl World {
    pub(super) fn new(people: People) -> Self {
        Self { people, tasks: Mutex::default(), next: AtomicU64::new(1), over: watch::Sender::new(false) }
    }

    /// A number that wasn't given before.
    pub(super) fn number(&self) -> u64 {
        self.next.fetch_add(1, Relaxed)
    }

    pub(super) fn add(&self, project: i64, task: i64) {
        let mut tasks = self.tasks.lock().unwrap();
        if !tasks.contains(&(project, task)) {
            tasks.push((project, task));
        }
    }

    /// One of the latest tasks of a project. Some of them are deleted.
    pub(super) fn task_of(&self, project: i64, rng: &mut Rng) -> Option<i64> {
        let tasks = self.tasks.lock().unwrap();
        let of_project = tasks.iter().rev().filter(|(of, _)| *of == project).map(|(_, task)| *task);
        let latest: Vec<_> = of_project.take(LATEST).collect();
        rng.choice(&latest).copied()
    }

    /// Forgets a task that was deleted.
    pub(super) fn forget(&self, task: i64) {
        self.tasks.lock().unwrap().retain(|(_, known)| *known != task);
    }

    /// Ends the load.
    pub(super) fn end(&self) {
        self.over.send_replace(true);
    }

    pub(super) fn is_over(&self) -> bool {
        *self.over.borrow()
    }

    /// Whether the load is over, for those who wait for it.
    pub(super) fn over(&self) -> watch::Receiver<bool> {
        self.over.subscribe()
    }

    /// Waits for this long, or until the load is over.
    pub(super) async fn pause(&self, duration: Duration) {
        let mut over = self.over();
        // Either way the wait has ended.
        timeout(duration, over.wait_for(|over| *over)).await.ok();
    }
}
