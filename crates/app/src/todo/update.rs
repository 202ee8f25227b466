use super::{Todos, find};
use crate::{Error, retry::until_committed};
use fasttrack_domain::{
    id::{TaskId, UserId},
    policy::Actor,
    precondition::Precondition,
    task::Task,
    todo::TodoPatch,
};

#[derive(Clone, Debug)]
pub struct UpdateTodo {
    pub actor: Actor,
    pub owner: Option<UserId>,
    pub id: TaskId,
    pub patch: TodoPatch,
    pub precondition: Precondition,
}

impl Todos {
    // @spec SPEC-004
    /// Changes a todo, and returns the task behind it. Fails with [`Error::Forbidden`], [`Error::NotFound`] or
    /// [`Error::PreconditionFailed`].
    #[tracing::instrument(name = "todo.update", skip_all)]
    pub async fn update(&self, command: UpdateTodo) -> Result<Task, Error> {
        until_committed(|| self.try_update(&command)).await
    }

    async fn try_update(&self, command: &UpdateTodo) -> Result<Option<Task>, Error> {
        let UpdateTodo { actor, owner, id, patch, precondition } = command;
        let found = find(&*self.projects, &*self.tasks, actor, *owner, *id).await?;
        precondition.check(found.task.version)?;
        match found.apply_todo(patch.clone(), actor.id, self.clock.now()) {
            Some(change) => Ok(self.tasks.save(change).await?),
            None => Ok(Some(found.task)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        fixtures::{ADMIN, OWNER, now, project, run, task},
        todo::fixtures::{finding, inboxes, missing},
    };
    use fasttrack_domain::{
        ports::{project::MockProjectRepository, task::MockTaskRepository},
        task::{TaskInProject, TaskStatus},
        todo::Completion,
    };
    use std::sync::Arc;

    fn toggle(
        (actor, owner): (Actor, Option<UserId>),
        precondition: Precondition,
        projects: MockProjectRepository,
        tasks: MockTaskRepository,
    ) -> Result<Task, Error> {
        let update = Todos { projects: Arc::new(projects), tasks: Arc::new(tasks), ..Todos::mocked() };
        let patch = TodoPatch { completed: Completion::Toggle, ..TodoPatch::default() };
        run(update.update(UpdateTodo { actor, owner, id: task().task.id, patch, precondition }))
    }

    fn toggle_own(precondition: Precondition, tasks: MockTaskRepository, looks: usize) -> Result<Task, Error> {
        toggle((OWNER, Some(OWNER.id)), precondition, inboxes(vec![Some(project()); looks]), tasks)
    }

    /// The same task after another request has completed it.
    fn completed() -> TaskInProject {
        let mut completed = task();
        completed.task.status = TaskStatus::Done;
        completed.task.version = 5;
        completed
    }

    #[test]
    fn a_change_is_committed_with_its_events() {
        let patch = TodoPatch { completed: Completion::Toggle, ..TodoPatch::default() };
        let expected = task().apply_todo(patch, OWNER.id, now()).unwrap();
        let mut tasks = finding([Some(task())]);
        tasks
            .expect_save()
            .times(1)
            .withf(move |change| *change == expected && change.events.len() == 1)
            .return_once(|change| Ok(Some(change.task)));
        let saved = toggle_own(Precondition::matching([4]), tasks, 1).unwrap();
        assert_eq!((saved.status, saved.version), (TaskStatus::Done, 5));
    }

    #[test]
    fn a_toggle_that_is_overtaken_by_another_toggles_what_that_left() {
        let mut tasks = finding([Some(task()), Some(completed())]);
        tasks.expect_save().times(1).return_once(|_| Ok(None));
        tasks.expect_save().times(1).return_once(|change| Ok(Some(change.task)));
        let saved = toggle_own(Precondition::default(), tasks, 2).unwrap();
        assert_eq!((saved.status, saved.version), (TaskStatus::Todo, 6));
    }

    #[test]
    fn a_patch_that_changes_nothing_commits_nothing() {
        let tasks = finding([Some(completed())]);
        let update =
            Todos { projects: Arc::new(inboxes([Some(project())])), tasks: Arc::new(tasks), ..Todos::mocked() };
        let patch = TodoPatch { completed: Completion::Set(true), ..TodoPatch::default() };
        let (owner, precondition) = (Some(OWNER.id), Precondition::default());
        let command = UpdateTodo { actor: OWNER, owner, id: task().task.id, patch, precondition };
        assert_eq!(run(update.update(command)).unwrap(), completed().task);
    }

    #[test]
    fn permission_then_existence_then_precondition() {
        let wrong = || Precondition::matching([3]);
        for who in [(OWNER, None), (OWNER, Some(ADMIN.id)), (ADMIN, Some(OWNER.id))] {
            let refused = toggle(who, wrong(), MockProjectRepository::new(), MockTaskRepository::new());
            assert!(matches!(refused, Err(Error::Forbidden(_))));
        }
        for (projects, tasks) in missing() {
            let missed = toggle((OWNER, Some(OWNER.id)), wrong(), projects, tasks);
            assert!(matches!(missed, Err(Error::NotFound("todo"))));
        }
        let stale = toggle_own(wrong(), finding([Some(task())]), 1);
        assert!(matches!(stale, Err(Error::PreconditionFailed(_))));
    }
}
