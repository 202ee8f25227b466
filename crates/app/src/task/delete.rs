//! Somebody deletes a task.

use super::find;
use crate::{Error, retry::until_committed};
use fasttrack_domain::{
    id::TaskId,
    policy::{Action, Actor},
    ports::{clock::Clock, task::TaskRepository},
    precondition::Precondition,
};
use std::sync::Arc;

/// What is to go.
#[derive(Clone, Debug)]
pub struct Command {
    /// Who asks.
    pub actor: Actor,
    /// Which task.
    pub id: TaskId,
    /// Which version must stand.
    pub precondition: Precondition,
}

/// Deletes a task with its comments.
pub struct DeleteTask {
    tasks: Arc<dyn TaskRepository>,
    clock: Arc<dyn Clock>,
}

impl DeleteTask {
    /// Over these ports.
    pub fn new(tasks: Arc<dyn TaskRepository>, clock: Arc<dyn Clock>) -> Self {
        Self { tasks, clock }
    }

    /// [`Error::NotFound`], [`Error::Forbidden`], [`Error::PreconditionFailed`].
    pub async fn execute(&self, command: Command) -> Result<(), Error> {
        until_committed(|| self.attempt(&command)).await
    }

    async fn attempt(&self, command: &Command) -> Result<Option<()>, Error> {
        let found = find(&*self.tasks, command.id).await?;
        command.actor.must(Action::DeleteTask { owner: found.project.owner_id })?;
        command.precondition.check(found.task.version)?;
        let removal = found.remove(command.actor.id, self.clock.now());
        Ok(self.tasks.delete(removal).await?.then_some(()))
    }
}
