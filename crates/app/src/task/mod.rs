mod check;
mod create;
mod create_all;
mod delete;
mod get;
mod list;
mod list_in_project;
mod move_to;
mod set_label;
mod update;
mod update_all;

pub use create::CreateTask;
pub use create_all::CreateTasks;
pub use delete::DeleteTask;
pub use list::ListTasks;
pub use list_in_project::ListProjectTasks;
pub use move_to::MoveTask;
pub use set_label::SetTaskLabel;
pub use update::UpdateTask;
pub use update_all::UpdateTasks;

use crate::{Config, Error, Ports};
use fasttrack_domain::{
    id::TaskId,
    policy::{Actor, TaskAction},
    ports::{
        RepositoryError, clock::Clock, constraint, idempotency::IdempotencyRepository, label::LabelRepository,
        people::PeopleRepository, task::TaskRepository, user::UserRepository,
    },
    task::{TaskInProject, TaskQuery},
};
use std::sync::Arc;

#[derive(Clone)]
pub struct Tasks {
    pub tasks: Arc<dyn TaskRepository>,
    pub labels: Arc<dyn LabelRepository>,
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
            labels: ports.repositories.labels.clone(),
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
    actor: &Actor,
    action: TaskAction,
) -> Result<TaskInProject, Error> {
    let found = tasks.find(id, actor.id).await?.ok_or(Error::NotFound("task"))?;
    actor.authorize(found.action(action))?;
    Ok(found)
}

/// A list that storage would have to read too many rows for fails with [`Error::Validation`].
fn listed<T>(page: Result<T, RepositoryError>, query: &TaskQuery) -> Result<T, Error> {
    match page {
        Err(error) if error.is_conflict(constraint::ROWS_READ) => Err(Error::Validation(vec![query.too_broad()])),
        page => Ok(page?),
    }
}

#[cfg(test)]
impl Tasks {
    /// Returns mocks that expect no call. A test replaces those that it needs.
    pub(crate) fn mocked() -> Self {
        use fasttrack_domain::ports::{
            idempotency::MockIdempotencyRepository, label::MockLabelRepository, people::MockPeopleRepository,
            task::MockTaskRepository, user::MockUserRepository,
        };
        Self {
            tasks: Arc::new(MockTaskRepository::new()),
            labels: Arc::new(MockLabelRepository::new()),
            users: Arc::new(MockUserRepository::new()),
            people: Arc::new(MockPeopleRepository::new()),
            idempotency: Arc::new(MockIdempotencyRepository::new()),
            clock: crate::fixtures::clock(),
            quota: 7,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixtures::conflict;

    #[test]
    fn only_a_list_of_too_many_rows_is_too_broad() {
        let listed = |constraint| listed::<()>(Err(conflict(constraint)), &TaskQuery::default());
        assert!(matches!(listed(constraint::ROWS_READ), Err(Error::Validation(_))));
        assert!(!matches!(listed(constraint::QUOTA), Ok(()) | Err(Error::Validation(_))));
    }
}
