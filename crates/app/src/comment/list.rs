//! Somebody reads the comments on a task.

use crate::Error;
use fasttrack_domain::{
    comment::Comment,
    id::TaskId,
    page::{Page, PageRequest},
    policy::{Action, Actor},
    ports::comment::CommentRepository,
};
use std::sync::Arc;

/// Which comments.
#[derive(Clone, Copy, Debug)]
pub struct Command {
    /// Who asks.
    pub actor: Actor,
    /// On which task.
    pub task_id: TaskId,
    /// Which part of the list.
    pub page: PageRequest,
}

/// Lists a task's comments.
pub struct ListComments {
    comments: Arc<dyn CommentRepository>,
}

impl ListComments {
    /// Over this port.
    pub fn new(comments: Arc<dyn CommentRepository>) -> Self {
        Self { comments }
    }

    /// The page. [`Error::NotFound`], [`Error::Forbidden`].
    pub async fn execute(&self, command: Command) -> Result<Page<Comment>, Error> {
        let found = self.comments.list_on_task(command.task_id, command.page).await?.ok_or(Error::NotFound("task"))?;
        command.actor.must(Action::WorkOnTask { owner: found.owner_id, assignee: found.assignee_id })?;
        Ok(found.page)
    }
}
