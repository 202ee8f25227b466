use crate::{Account, Server, eventually};
use serde_json::json;
use std::sync::atomic::{AtomicUsize, Ordering};

/// A project of one user with a task that is assigned to another.
#[derive(Debug)]
pub struct Team {
    /// The owner of the project, who gets notifications of the assignee's changes.
    pub owner: Account,
    /// The assignee, who gets notifications of the owner's changes. Number 1, the assignment, has arrived.
    pub assignee: Account,
    pub project: i64,
    pub task: i64,
    moves: AtomicUsize,
}

impl Team {
    /// Creates two users, a project and a task.
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

    /// The path of the task.
    pub fn path(&self) -> String {
        format!("/tasks/{}", self.task)
    }

    /// The owner changes the task's status `times` times, which sends the assignee as many notifications.
    pub async fn toggle(&self, times: usize) {
        for _ in 0..times {
            let back = self.moves.fetch_add(1, Ordering::Relaxed) % 2 == 1;
            let status = if back { "todo" } else { "in_progress" };
            self.owner.patch(self.path(), json!({"status": status})).await.expect(200);
        }
    }
}
