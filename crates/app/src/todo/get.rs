use super::{Todos, find};
use crate::Error;
use fasttrack_domain::{
    id::{TaskId, UserId},
    policy::Actor,
    task::Task,
};

#[derive(Clone, Debug)]
pub struct GetTodo {
    pub actor: Actor,
    pub owner: Option<UserId>,
    pub id: TaskId,
}

impl Todos {
    /// Returns the task behind the todo. Fails with [`Error::Forbidden`] or [`Error::NotFound`].
    #[tracing::instrument(name = "todo.get", skip_all)]
    pub async fn get(&self, command: GetTodo) -> Result<Task, Error> {
        let GetTodo { actor, owner, id } = command;
        Ok(find(&*self.projects, &*self.tasks, &actor, owner, id).await?.task)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        fixtures::{ADMIN, OWNER, narrowed, project, run, task},
        todo::fixtures::{elsewhere, finding, inboxes, missing},
    };
    use fasttrack_domain::ports::{project::MockProjectRepository, task::MockTaskRepository};
    use std::sync::Arc;

    fn get(
        actor: Actor,
        owner: Option<UserId>,
        projects: MockProjectRepository,
        tasks: MockTaskRepository,
    ) -> Result<Task, Error> {
        let get = Todos { projects: Arc::new(projects), tasks: Arc::new(tasks), ..Todos::mocked() };
        run(get.get(GetTodo { actor, owner, id: task().task.id }))
    }

    #[test]
    fn a_task_of_the_inbox_is_a_todo() {
        let found = get(OWNER, Some(OWNER.id), inboxes([Some(project())]), finding([Some(task())]));
        assert_eq!(found.unwrap(), task().task);
    }

    #[test]
    fn nothing_is_looked_up_for_anybody_else_admins_included() {
        for (actor, owner) in [(OWNER, None), (OWNER, Some(ADMIN.id)), (ADMIN, Some(OWNER.id)), (ADMIN, None)] {
            let refused = get(actor, owner, MockProjectRepository::new(), MockTaskRepository::new());
            assert!(matches!(refused, Err(Error::Forbidden(_))));
        }
    }

    #[test]
    fn token_for_some_projects_needs_the_inbox() {
        for inbox in [None, Some(project())] {
            let refused = get(elsewhere(), Some(OWNER.id), inboxes([inbox]), MockTaskRepository::new());
            assert!(matches!(refused, Err(Error::Forbidden(_))));
        }
        let inbox = narrowed(OWNER, &[7, 404]);
        let found = get(inbox, Some(OWNER.id), inboxes([Some(project())]), finding([Some(task())]));
        assert_eq!(found.unwrap(), task().task);
        // Nothing is looked up for another's todos.
        let refused = get(elsewhere(), Some(ADMIN.id), MockProjectRepository::new(), MockTaskRepository::new());
        assert!(matches!(refused, Err(Error::Forbidden(_))));
    }

    #[test]
    fn what_is_not_in_the_inbox_is_no_todo() {
        for (projects, tasks) in missing() {
            assert!(matches!(get(OWNER, Some(OWNER.id), projects, tasks), Err(Error::NotFound("todo"))));
        }
    }
}
