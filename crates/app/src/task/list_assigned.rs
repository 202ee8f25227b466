//! Somebody looks through the tasks that are assigned to them.

use crate::Error;
use fasttrack_domain::{
    id::UserId,
    page::{Page, PageRequest},
    policy::Actor,
    ports::task::TaskRepository,
    task::{Task, TaskFilter, TaskPriority, TaskStatus},
};
use std::sync::Arc;

/// Which tasks.
#[derive(Clone, Copy, Debug)]
pub struct Command {
    /// Who asks.
    pub actor: Actor,
    /// Only of this status.
    pub status: Option<TaskStatus>,
    /// Only of this priority.
    pub priority: Option<TaskPriority>,
    /// Only this user's: nothing is left where it isn't the actor.
    pub assignee_id: Option<UserId>,
    /// Which part of the list.
    pub page: PageRequest,
}

/// Lists the tasks that are assigned to the actor, whatever their project.
pub struct ListAssignedTasks {
    tasks: Arc<dyn TaskRepository>,
}

impl ListAssignedTasks {
    /// Over this port.
    pub fn new(tasks: Arc<dyn TaskRepository>) -> Self {
        Self { tasks }
    }

    /// The page.
    pub async fn execute(&self, command: Command) -> Result<Page<Task>, Error> {
        let Command { actor, status, priority, assignee_id, page } = command;
        if assignee_id.is_some_and(|assignee| assignee != actor.id) {
            return Ok(Page { items: Vec::new(), next: None });
        }
        let filter = TaskFilter { status, priority, assignee_id: Some(actor.id) };
        Ok(self.tasks.list(filter, page).await?)
    }
}
