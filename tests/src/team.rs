//! People who work on something together.

use crate::{Account, Server, eventually};
use serde_json::json;
use std::sync::atomic::{AtomicUsize, Ordering};

/// An owner's project with a task that somebody else works on.
#[derive(Debug)]
pub struct Team {
    /// Hears what the assignee does.
    pub owner: Account,
    /// Hears what the owner does. That the task was assigned is notification 1, and was told.
    pub assignee: Account,
    /// The owner's.
    pub project: i64,
    /// The task in it.
    pub task: i64,
    moves: AtomicUsize,
}

impl Team {
    /// A new one.
    pub async fn new(server: &Server) -> Self {
        let (owner, assignee) = (server.register().await, server.register().await);
        let project = owner.project().await;
        let task = owner.task(project, json!({"assignee_id": assignee.id})).await;
        // Who asks for what is behind 1 before there is 1 is told 1.
        eventually("the assignee is told", async || {
            !assignee.get("/notifications").await.expect(200).items().is_empty()
        })
        .await;
        Self { owner, assignee, project, task, moves: AtomicUsize::new(0) }
    }

    /// The task's.
    pub fn path(&self) -> String {
        format!("/tasks/{}", self.task)
    }

    /// The owner moves the task to and fro so often, and the assignee is told as often.
    pub async fn toggle(&self, times: usize) {
        for _ in 0..times {
            let back = self.moves.fetch_add(1, Ordering::Relaxed) % 2 == 1;
            let status = if back { "todo" } else { "in_progress" };
            self.owner.patch(self.path(), json!({"status": status})).await.expect(200);
        }
    }
}
