use super::{Todos, find};
use crate::{Error, retry::until_committed};
use fasttrack_domain::{
    id::{TaskId, UserId},
    policy::Actor,
    precondition::Precondition,
};

#[derive(Clone, Debug)]
pub struct DeleteTodo {
    pub actor: Actor,
    pub owner: Option<UserId>,
    pub id: TaskId,
    pub precondition: Precondition,
}

impl Todos {
    /// Deletes a todo with its comments. Fails with [`Error::Forbidden`], [`Error::NotFound`] or
    /// [`Error::PreconditionFailed`].
    #[tracing::instrument(name = "todo.delete", skip_all)]
    pub async fn delete(&self, command: DeleteTodo) -> Result<(), Error> {
        until_committed(|| self.try_delete(&command)).await
    }

    async fn try_delete(&self, command: &DeleteTodo) -> Result<Option<()>, Error> {
        let DeleteTodo { actor, owner, id, precondition } = command;
        let found = find(&*self.projects, &*self.tasks, actor, *owner, *id).await?;
        precondition.check(found.task.version)?;
        let removal = found.remove(actor.id, self.clock.now());
        Ok(self.tasks.delete(removal).await?.then_some(()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        fixtures::{ADMIN, OWNER, now, project, run, task},
        todo::fixtures::{finding, inboxes, missing},
    };
    use fasttrack_domain::ports::{project::MockProjectRepository, task::MockTaskRepository};
    use std::sync::Arc;

    fn delete(
        (actor, owner): (Actor, Option<UserId>),
        precondition: Precondition,
        projects: MockProjectRepository,
        tasks: MockTaskRepository,
    ) -> Result<(), Error> {
        let delete = Todos { projects: Arc::new(projects), tasks: Arc::new(tasks), ..Todos::mocked() };
        run(delete.delete(DeleteTodo { actor, owner, id: task().task.id, precondition }))
    }

    #[test]
    fn permission_then_existence_then_precondition() {
        let wrong = || Precondition::matching([3]);
        let refused = delete((ADMIN, Some(OWNER.id)), wrong(), MockProjectRepository::new(), MockTaskRepository::new());
        assert!(matches!(refused, Err(Error::Forbidden(_))));
        for (projects, tasks) in missing() {
            let missed = delete((OWNER, Some(OWNER.id)), wrong(), projects, tasks);
            assert!(matches!(missed, Err(Error::NotFound("todo"))));
        }
        let (projects, tasks) = (inboxes([Some(project())]), finding([Some(task())]));
        let stale = delete((OWNER, Some(OWNER.id)), wrong(), projects, tasks);
        assert!(matches!(stale, Err(Error::PreconditionFailed(_))));
    }

    #[test]
    fn a_change_in_between_is_looked_at_before_the_todo_goes() {
        let mut changed = task();
        changed.task.version = 5;
        let expected = changed.remove(OWNER.id, now());
        let mut tasks = finding([Some(task()), Some(changed)]);
        tasks.expect_delete().times(1).withf(|it| it.based_on == 4).return_once(|_| Ok(false));
        tasks.expect_delete().times(1).withf(move |it| *it == expected).return_once(|_| Ok(true));
        let projects = inboxes(vec![Some(project()); 2]);
        assert!(delete((OWNER, Some(OWNER.id)), Precondition::default(), projects, tasks).is_ok());
    }
}
