mod create;
mod delete;
mod list;

pub use create::CreateComment;
pub use delete::DeleteComment;
pub use list::ListComments;

use crate::{Config, Ports};
use fasttrack_domain::ports::{
    clock::Clock, comment::CommentRepository, idempotency::IdempotencyRepository, people::PeopleRepository,
    task::TaskRepository,
};
use std::sync::Arc;

#[derive(Clone)]
pub struct Comments {
    pub comments: Arc<dyn CommentRepository>,
    pub tasks: Arc<dyn TaskRepository>,
    pub people: Arc<dyn PeopleRepository>,
    pub idempotency: Arc<dyn IdempotencyRepository>,
    pub clock: Arc<dyn Clock>,
    /// Maximum number of comments per task.
    pub quota: u32,
}

impl Comments {
    pub(crate) fn new(ports: &Ports, config: &Config) -> Self {
        Self {
            comments: ports.repositories.comments.clone(),
            tasks: ports.repositories.tasks.clone(),
            people: ports.repositories.people.clone(),
            idempotency: ports.repositories.idempotency.clone(),
            clock: ports.clock.clone(),
            quota: config.quotas.comments_per_task,
        }
    }
}

#[cfg(test)]
impl Comments {
    /// Returns mocks that expect no call. A test replaces those that it needs.
    pub(crate) fn mocked() -> Self {
        use fasttrack_domain::ports::{
            comment::MockCommentRepository, idempotency::MockIdempotencyRepository, people::MockPeopleRepository,
            task::MockTaskRepository,
        };
        Self {
            comments: Arc::new(MockCommentRepository::new()),
            tasks: Arc::new(MockTaskRepository::new()),
            people: Arc::new(MockPeopleRepository::new()),
            idempotency: Arc::new(MockIdempotencyRepository::new()),
            clock: crate::fixtures::clock(),
            quota: 7,
        }
    }
}
