use super::{Tasks, find};
use crate::{Error, retry::until_committed};
use fasttrack_domain::{
    audit::{AuditAction, AuditChanges, AuditEntry, AuditObject, Origin},
    id::TaskId,
    policy::{Actor, TaskAction},
    precondition::Precondition,
};

#[derive(Clone, Debug)]
pub struct DeleteTask {
    pub actor: Actor,
    pub id: TaskId,
    pub precondition: Precondition,
    pub origin: Origin,
}

impl Tasks {
    // @spec SPEC-003
    /// Deletes a task with its comments.
    ///
    /// [`Error::NotFound`], [`Error::Forbidden`], [`Error::PreconditionFailed`].
    #[tracing::instrument(name = "task.delete", skip_all)]
    pub async fn delete(&self, command: DeleteTask) -> Result<(), Error> {
        until_committed(|| self.try_delete(&command)).await
    }

    async fn try_delete(&self, command: &DeleteTask) -> Result<Option<()>, Error> {
        let found = find(&*self.tasks, command.id, &command.actor, TaskAction::Delete).await?;
        command.precondition.check(found.task.version)?;
        let (permission, now) = (found.action(TaskAction::Delete), self.clock.now());
        let mut removal = found.remove(command.actor.id, now);
        let line = AuditEntry::by_role(&command.actor, permission, now, AuditAction::TaskDeleted, &command.origin);
        let changes = AuditChanges::of_deleted_task(&found.task);
        removal.audit = line.map(|line| line.with_object(AuditObject::Task(found.task.id)).with_changes(changes));
        Ok(self.tasks.delete(removal).await?.then_some(()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixtures::{
        ADMIN, ASSIGNEE, COMMENTER, EDITOR, OWNER, STRANGER, VIEWER, now, origin, run, seen_by, task,
    };
    use fasttrack_domain::{
        ports::task::MockTaskRepository,
        task::{TaskInProject, TaskRemoval},
    };
    use std::sync::Arc;

    fn finding(found: Option<TaskInProject>) -> MockTaskRepository {
        let mut tasks = MockTaskRepository::new();
        tasks.expect_find().times(1).return_once(|_, reader| Ok(found.map(|found| seen_by(reader, found))));
        tasks
    }

    fn delete(actor: Actor, precondition: Precondition, tasks: MockTaskRepository) -> Result<(), Error> {
        let delete = Tasks { tasks: Arc::new(tasks), ..Tasks::mocked() };
        run(delete.delete(DeleteTask { actor, id: task().task.id, precondition, origin: origin() }))
    }

    #[test]
    fn existence_then_permission_then_precondition() {
        let wrong = || Precondition::matching([3]);
        assert!(matches!(delete(STRANGER, wrong(), finding(None)), Err(Error::NotFound("task"))));
        for actor in [STRANGER, ASSIGNEE, VIEWER, COMMENTER] {
            assert!(matches!(delete(actor, wrong(), finding(Some(task()))), Err(Error::Forbidden(_))));
        }
        assert!(matches!(delete(OWNER, wrong(), finding(Some(task()))), Err(Error::PreconditionFailed(_))));
    }

    #[test]
    fn a_task_goes_together_with_the_event_that_says_so() {
        let line = AuditEntry::new(now(), Some(ADMIN.id), AuditAction::TaskDeleted, origin())
            .with_object(AuditObject::Task(task().task.id))
            .with_changes(AuditChanges::of_deleted_task(&task().task));
        for (actor, audit) in [(OWNER, None), (EDITOR, None), (ADMIN, Some(line))] {
            let expected = TaskRemoval { audit, ..task().remove(actor.id, now()) };
            let mut tasks = finding(Some(task()));
            tasks.expect_delete().times(1).withf(move |given| *given == expected).return_once(|_| Ok(true));
            assert!(delete(actor, Precondition::matching([4]), tasks).is_ok());
        }
    }

    #[test]
    fn a_change_in_between_is_looked_at_before_the_task_goes() {
        let mut changed = task();
        changed.task.version = 5;
        let mut tasks = finding(Some(task()));
        tasks.expect_delete().times(1).withf(|it| it.based_on == 4).return_once(|_| Ok(false));
        tasks.expect_find().times(1).return_once(|_, _| Ok(Some(changed)));
        tasks.expect_delete().times(1).withf(|it| it.based_on == 5).return_once(|_| Ok(true));
        assert!(delete(OWNER, Precondition::default(), tasks).is_ok());
    }

    #[test]
    fn a_task_that_somebody_else_deletes_first_is_not_found() {
        let mut tasks = finding(Some(task()));
        tasks.expect_delete().times(1).return_once(|_| Ok(false));
        tasks.expect_find().times(1).return_once(|_, _| Ok(None));
        assert!(matches!(delete(OWNER, Precondition::default(), tasks), Err(Error::NotFound("task"))));
    }
}
