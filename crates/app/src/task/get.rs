//! Somebody looks at a task.

use super::find_workable;
use crate::Error;
use fasttrack_domain::{id::TaskId, policy::Actor, ports::task::TaskRepository, task::Task};
use std::sync::Arc;

/// Which task.
#[derive(Clone, Copy, Debug)]
pub struct Command {
    /// Who asks.
    pub actor: Actor,
    /// Which.
    pub id: TaskId,
}

/// Shows a task.
pub struct GetTask {
    tasks: Arc<dyn TaskRepository>,
}

impl GetTask {
    /// Over this port.
    pub fn new(tasks: Arc<dyn TaskRepository>) -> Self {
        Self { tasks }
    }

    /// The task. [`Error::NotFound`], [`Error::Forbidden`].
    pub async fn execute(&self, command: Command) -> Result<Task, Error> {
        Ok(find_workable(&*self.tasks, command.id, command.actor).await?.task)
    }
}
