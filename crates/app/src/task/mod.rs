//! Tasks.

pub mod create;
pub mod delete;
pub mod get;
pub mod list_assigned;
pub mod list_in_project;
pub mod update;

use crate::Error;
use fasttrack_domain::{
    field::Invalid,
    id::{TaskId, UserId},
    policy::{Action, Actor},
    ports::{task::TaskRepository, user::UserRepository},
    task::TaskInProject,
};

async fn find(tasks: &dyn TaskRepository, id: TaskId) -> Result<TaskInProject, Error> {
    tasks.find(id).await?.ok_or(Error::NotFound("task"))
}

/// The task, if `actor` may work on it.
pub(crate) async fn find_workable(
    tasks: &dyn TaskRepository,
    id: TaskId,
    actor: Actor,
) -> Result<TaskInProject, Error> {
    let found = find(tasks, id).await?;
    actor.must(Action::WorkOnTask { owner: found.project.owner_id, assignee: found.task.assignee_id })?;
    Ok(found)
}

/// Refuses an assignee who is no active user. Ask only once the actor is known to be allowed: the answer tells who
/// exists.
async fn check_assignee(users: &dyn UserRepository, assignee: UserId) -> Result<(), Error> {
    match users.find(assignee).await? {
        Some(user) if user.is_active => Ok(()),
        _ => {
            let unknown = Invalid::new("unknown_user", "must be the id of an active user");
            Err(Error::Validation(vec![unknown.at("assignee_id")]))
        }
    }
}
