//! Somebody comments on a task.

use crate::{
    Error,
    retry::{unless_reference_gone, until_committed},
    task::find_workable,
};
use fasttrack_domain::{
    comment::{Comment, NewComment},
    id::TaskId,
    policy::Actor,
    ports::{clock::Clock, comment::CommentRepository, task::TaskRepository},
    text::CommentBody,
};
use std::sync::Arc;

/// The comment that is wanted.
#[derive(Clone, Debug)]
pub struct Command {
    /// Who writes it.
    pub actor: Actor,
    /// What it is about.
    pub task_id: TaskId,
    /// For people.
    pub body: CommentBody,
}

/// Makes a comment.
pub struct CreateComment {
    tasks: Arc<dyn TaskRepository>,
    comments: Arc<dyn CommentRepository>,
    clock: Arc<dyn Clock>,
}

impl CreateComment {
    /// Over these ports.
    pub fn new(tasks: Arc<dyn TaskRepository>, comments: Arc<dyn CommentRepository>, clock: Arc<dyn Clock>) -> Self {
        Self { tasks, comments, clock }
    }

    /// The new comment. [`Error::NotFound`], [`Error::Forbidden`].
    pub async fn execute(&self, command: Command) -> Result<Comment, Error> {
        until_committed(|| self.attempt(&command)).await
    }

    async fn attempt(&self, command: &Command) -> Result<Option<Comment>, Error> {
        let task = find_workable(&*self.tasks, command.task_id, command.actor).await?;
        let comment = NewComment::on(&task, command.actor.id, command.body.clone(), self.clock.now());
        unless_reference_gone(self.comments.create(comment).await)
    }
}
