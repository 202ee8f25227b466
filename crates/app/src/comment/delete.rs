//! Somebody takes a comment back.

use crate::Error;
use fasttrack_domain::{
    id::CommentId,
    policy::{Action, Actor},
    ports::comment::CommentRepository,
};
use std::sync::Arc;

/// What is to go.
#[derive(Clone, Copy, Debug)]
pub struct Command {
    /// Who asks.
    pub actor: Actor,
    /// Which comment.
    pub id: CommentId,
}

/// Deletes a comment.
pub struct DeleteComment {
    comments: Arc<dyn CommentRepository>,
}

impl DeleteComment {
    /// Over this port.
    pub fn new(comments: Arc<dyn CommentRepository>) -> Self {
        Self { comments }
    }

    /// [`Error::NotFound`], [`Error::Forbidden`].
    pub async fn execute(&self, command: Command) -> Result<(), Error> {
        let comment = self.comments.find(command.id).await?.ok_or(Error::NotFound("comment"))?;
        command.actor.must(Action::DeleteComment { author: comment.author_id })?;
        if self.comments.delete(comment.id).await? { Ok(()) } else { Err(Error::NotFound("comment")) }
    }
}
