//! Comments on tasks.

mod create;
mod delete;
mod list;

pub use create::CreateComment;
pub use delete::DeleteComment;
pub use list::ListComments;

use fasttrack_domain::ports::{
    clock::Clock, comment::CommentRepository, idempotency::IdempotencyRepository, task::TaskRepository,
};
use std::sync::Arc;

/// Comments on tasks.
#[derive(Clone)]
pub struct Comments {
    pub comments: Arc<dyn CommentRepository>,
    pub tasks: Arc<dyn TaskRepository>,
    pub idempotency: Arc<dyn IdempotencyRepository>,
    pub clock: Arc<dyn Clock>,
    /// How many comments a task may have.
    pub quota: u32,
}

#[cfg(test)]
impl Comments {
    /// Each mock fails the test that calls it. A test replaces the ports that it needs.
    pub(crate) fn mocked() -> Self {
        use fasttrack_domain::ports::{
            comment::MockCommentRepository, idempotency::MockIdempotencyRepository, task::MockTaskRepository,
        };
        Self {
            comments: Arc::new(MockCommentRepository::new()),
            tasks: Arc::new(MockTaskRepository::new()),
            idempotency: Arc::new(MockIdempotencyRepository::new()),
            clock: crate::fixtures::clock(),
            quota: 7,
        }
    }
}
