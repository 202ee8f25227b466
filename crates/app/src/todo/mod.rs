//! Todos: the tasks of a user's Inbox.
//!
//! A command names the owner of the todos. Unless that is the actor, the request is refused before any look-up, so that
//! the answer doesn't reveal whose todos exist.

mod create;
mod delete;
mod get;
mod list;
mod update;

pub use create::CreateTodo;
pub use delete::DeleteTodo;
pub use get::GetTodo;
pub use list::ListTodos;
pub use update::UpdateTodo;

use crate::{Config, Error, Ports};
use fasttrack_domain::{
    id::{TaskId, UserId},
    policy::{Action, Actor},
    ports::{clock::Clock, idempotency::IdempotencyRepository, project::ProjectRepository, task::TaskRepository},
    project::ProjectView,
    quota::Quotas,
    task::TaskInProject,
};
use std::sync::Arc;

#[derive(Clone)]
pub struct Todos {
    pub projects: Arc<dyn ProjectRepository>,
    pub tasks: Arc<dyn TaskRepository>,
    pub idempotency: Arc<dyn IdempotencyRepository>,
    pub clock: Arc<dyn Clock>,
    pub quotas: Quotas,
}

impl Todos {
    pub(crate) fn new(ports: &Ports, config: &Config) -> Self {
        Self {
            projects: ports.repositories.projects.clone(),
            tasks: ports.repositories.tasks.clone(),
            idempotency: ports.repositories.idempotency.clone(),
            clock: ports.clock.clone(),
            quotas: config.quotas,
        }
    }
}

/// Refuses the todos of anybody but the actor. What the actor's token is for is judged by the Inbox, in [`find_inbox`].
fn check_owner(actor: &Actor, owner: Option<UserId>) -> Result<(), Error> {
    Ok(Actor::new(actor.id, actor.role).authorize(Action::UseTodos { owner, inbox: None })?)
}

// @spec SPEC-024
/// The actor's Inbox, if there is one and `owner` is the actor. A token for some projects needs one that it is for.
async fn find_inbox(
    projects: &dyn ProjectRepository,
    actor: &Actor,
    owner: Option<UserId>,
) -> Result<Option<ProjectView>, Error> {
    check_owner(actor, owner)?;
    let found = projects.find_inbox(actor.id).await?;
    let inbox = found.as_ref().map(|inbox| inbox.project.id);
    actor.authorize(Action::UseTodos { owner, inbox })?;
    Ok(found)
}

/// Returns the todo with this id, if the actor's Inbox has it.
async fn find(
    projects: &dyn ProjectRepository,
    tasks: &dyn TaskRepository,
    actor: &Actor,
    owner: Option<UserId>,
    id: TaskId,
) -> Result<TaskInProject, Error> {
    let inbox = find_inbox(projects, actor, owner).await?.ok_or(MISSING)?;
    tasks.find(id, actor.id).await?.filter(|found| found.project.id == inbox.project.id).ok_or(MISSING)
}

const MISSING: Error = Error::NotFound("todo");

#[cfg(test)]
impl Todos {
    /// Returns mocks that expect no call. A test replaces those that it needs.
    pub(crate) fn mocked() -> Self {
        use fasttrack_domain::ports::{
            idempotency::MockIdempotencyRepository, project::MockProjectRepository, task::MockTaskRepository,
        };
        Self {
            projects: Arc::new(MockProjectRepository::new()),
            tasks: Arc::new(MockTaskRepository::new()),
            idempotency: Arc::new(MockIdempotencyRepository::new()),
            clock: crate::fixtures::clock(),
            quotas: Quotas::default(),
        }
    }
}

#[cfg(test)]
mod fixtures {
    use crate::fixtures::{OWNER, narrowed, project, view_of};
    use fasttrack_domain::{
        id::{ProjectId, TaskId},
        policy::Actor,
        ports::{project::MockProjectRepository, task::MockTaskRepository},
        project::Project,
        task::TaskInProject,
    };

    /// Expects one look-up of OWNER's Inbox for each of `looks`, in their order.
    pub(super) fn inboxes(looks: impl IntoIterator<Item = Option<Project>>) -> MockProjectRepository {
        let mut projects = MockProjectRepository::new();
        for inbox in looks {
            projects
                .expect_find_inbox()
                .times(1)
                .withf(|owner| *owner == OWNER.id)
                .return_once(|owner| Ok(inbox.map(|inbox| view_of(inbox, owner))));
        }
        projects
    }

    /// A token for other projects than OWNER's Inbox.
    pub(super) fn elsewhere() -> Actor {
        narrowed(OWNER, &[404])
    }

    /// Expects one look-up of the task for each of `looks`, in their order.
    pub(super) fn finding(looks: impl IntoIterator<Item = Option<TaskInProject>>) -> MockTaskRepository {
        let mut tasks = MockTaskRepository::new();
        for found in looks {
            tasks
                .expect_find()
                .times(1)
                .withf(|id, reader| *id == TaskId::new(9) && *reader == OWNER.id)
                .return_once(|_, _| Ok(found));
        }
        tasks
    }

    /// Ports for which a todo is missing: there is no Inbox, no task, or the task is in another project.
    pub(super) fn missing() -> [(MockProjectRepository, MockTaskRepository); 3] {
        let mut elsewhere = crate::fixtures::task();
        elsewhere.project.id = ProjectId::new(404);
        [
            (inboxes([None]), MockTaskRepository::new()),
            (inboxes([Some(project())]), finding([None])),
            (inboxes([Some(project())]), finding([Some(elsewhere)])),
        ]
    }
}
