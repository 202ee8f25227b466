//! Somebody changes a task.

use super::{check_assignee, find_workable};
use crate::{Error, retry::until_committed};
use fasttrack_domain::{
    id::TaskId,
    policy::Actor,
    ports::{clock::Clock, task::TaskRepository, user::UserRepository},
    precondition::Precondition,
    task::{Task, TaskPatch},
};
use std::sync::Arc;

/// What is to change.
#[derive(Clone, Debug)]
pub struct Command {
    /// Who asks.
    pub actor: Actor,
    /// Which task.
    pub id: TaskId,
    /// Absent fields stay as they are.
    pub patch: TaskPatch,
    /// What the change must be based on.
    pub precondition: Precondition,
}

/// Changes a task.
pub struct UpdateTask {
    tasks: Arc<dyn TaskRepository>,
    users: Arc<dyn UserRepository>,
    clock: Arc<dyn Clock>,
}

impl UpdateTask {
    /// Over these ports.
    pub fn new(tasks: Arc<dyn TaskRepository>, users: Arc<dyn UserRepository>, clock: Arc<dyn Clock>) -> Self {
        Self { tasks, users, clock }
    }

    /// The task as it stands now. [`Error::NotFound`], [`Error::Forbidden`], [`Error::Validation`] (`unknown_user` on
    /// `assignee_id`), [`Error::PreconditionFailed`], [`Error::InvalidTransition`].
    pub async fn execute(&self, command: Command) -> Result<Task, Error> {
        until_committed(|| self.attempt(&command)).await
    }

    async fn attempt(&self, command: &Command) -> Result<Option<Task>, Error> {
        let Command { actor, id, patch, precondition } = command;
        let found = find_workable(&*self.tasks, *id, *actor).await?;
        // An assignee who was deactivated since may stay.
        if let Some(&assignee) = patch.assignee_id.value().filter(|id| found.task.assignee_id != Some(**id)) {
            check_assignee(&*self.users, assignee).await?;
        }
        precondition.check(found.task.version)?;
        match found.apply(patch.clone(), actor.id, self.clock.now())? {
            Some(change) => Ok(self.tasks.save(change).await?),
            None => Ok(Some(found.task)),
        }
    }
}
