mod create;
mod delete;
mod get;
mod list_assigned;
mod list_in_project;
mod update;

pub use create::CreateTask;
pub use delete::DeleteTask;
pub use list_assigned::ListAssignedTasks;
pub use list_in_project::ListProjectTasks;
pub use update::UpdateTask;

use crate::{Config, Error, Ports};
use fasttrack_domain::{
    field::Invalid,
    id::{TaskId, UserId},
    policy::{Action, Actor},
    ports::{clock::Clock, idempotency::IdempotencyRepository, task::TaskRepository, user::UserRepository},
    task::TaskInProject,
};
use std::sync::Arc;

#[derive(Clone)]
pub struct Tasks {
    pub tasks: Arc<dyn TaskRepository>,
    pub users: Arc<dyn UserRepository>,
    pub idempotency: Arc<dyn IdempotencyRepository>,
    pub clock: Arc<dyn Clock>,
    /// Maximum number of tasks per project.
    pub quota: u32,
}

impl Tasks {
    pub(crate) fn new(ports: &Ports, config: &Config) -> Self {
        Self {
            tasks: ports.repositories.tasks.clone(),
            users: ports.repositories.users.clone(),
            idempotency: ports.repositories.idempotency.clone(),
            clock: ports.clock.clone(),
            quota: config.quotas.tasks_per_project,
        }
    }
}

async fn find(tasks: &dyn TaskRepository, id: TaskId) -> Result<TaskInProject, Error> {
    tasks.find(id).await?.ok_or(Error::NotFound("task"))
}

/// Returns the task, if `actor` may work on it.
pub(crate) async fn find_workable(
    tasks: &dyn TaskRepository,
    id: TaskId,
    actor: Actor,
) -> Result<TaskInProject, Error> {
    let found = find(tasks, id).await?;
    actor.authorize(Action::WorkOnTask { owner: found.project.owner_id, assignee: found.task.assignee_id })?;
    Ok(found)
}

/// Refuses an assignee who is no active user. Call it after the permission is checked: the answer reveals who exists.
async fn check_assignee(users: &dyn UserRepository, assignee: UserId) -> Result<(), Error> {
    match users.find(assignee).await? {
        Some(user) if user.is_active => Ok(()),
        _ => {
            let unknown = Invalid::new("unknown_user", "must be the id of an active user");
            Err(Error::Validation(vec![unknown.at("assignee_id")]))
        }
    }
}

#[cfg(test)]
impl Tasks {
    /// Returns mocks that expect no call. A test replaces those that it needs.
    pub(crate) fn mocked() -> Self {
        use fasttrack_domain::ports::{
            idempotency::MockIdempotencyRepository, task::MockTaskRepository, user::MockUserRepository,
        };
        Self {
            tasks: Arc::new(MockTaskRepository::new()),
            users: Arc::new(MockUserRepository::new()),
            idempotency: Arc::new(MockIdempotencyRepository::new()),
            clock: crate::fixtures::clock(),
            quota: 7,
        }
    }
}
