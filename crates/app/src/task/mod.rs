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
    person::Person,
    policy::{Actor, TaskAction},
    ports::{
        clock::Clock, idempotency::IdempotencyRepository, people::PeopleRepository, task::TaskRepository,
        user::UserRepository,
    },
    task::TaskInProject,
};
use std::sync::Arc;

#[derive(Clone)]
pub struct Tasks {
    pub tasks: Arc<dyn TaskRepository>,
    pub users: Arc<dyn UserRepository>,
    pub people: Arc<dyn PeopleRepository>,
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
            people: ports.repositories.people.clone(),
            idempotency: ports.repositories.idempotency.clone(),
            clock: ports.clock.clone(),
            quota: config.quotas.tasks_per_project,
        }
    }
}

/// The task, if `actor` may do this with it.
pub(crate) async fn find(
    tasks: &dyn TaskRepository,
    id: TaskId,
    actor: Actor,
    action: TaskAction,
) -> Result<TaskInProject, Error> {
    let found = tasks.find(id, actor.id).await?.ok_or(Error::NotFound("task"))?;
    actor.authorize(found.action(action))?;
    Ok(found)
}

/// Refuses an assignee who is no active user. Call it after the permission is checked: the answer reveals who exists.
async fn check_assignee(users: &dyn UserRepository, assignee: UserId) -> Result<Person, Error> {
    match users.find(assignee).await? {
        Some(user) if user.is_active => Ok(user.person()),
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
            idempotency::MockIdempotencyRepository, people::MockPeopleRepository, task::MockTaskRepository,
            user::MockUserRepository,
        };
        Self {
            tasks: Arc::new(MockTaskRepository::new()),
            users: Arc::new(MockUserRepository::new()),
            people: Arc::new(MockPeopleRepository::new()),
            idempotency: Arc::new(MockIdempotencyRepository::new()),
            clock: crate::fixtures::clock(),
            quota: 7,
        }
    }
}
