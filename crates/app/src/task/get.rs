use super::{Tasks, find};
use crate::Error;
use fasttrack_domain::{
    id::TaskId,
    policy::{Actor, TaskAction},
    task::TaskView,
};

impl Tasks {
    /// Returns a task that the actor may work on. Fails with [`Error::NotFound`] or [`Error::Forbidden`].
    #[tracing::instrument(name = "task.get", skip_all)]
    pub async fn get(&self, actor: Actor, id: TaskId) -> Result<TaskView, Error> {
        Ok(find(&*self.tasks, id, &actor, TaskAction::Read).await?.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixtures::{ADMIN, ASSIGNEE, COMMENTER, EDITOR, OWNER, STRANGER, VIEWER, run, seen_by, task};
    use fasttrack_domain::ports::task::MockTaskRepository;
    use std::sync::Arc;

    fn get(actor: Actor, id: TaskId) -> Result<TaskView, Error> {
        let mut tasks = MockTaskRepository::new();
        tasks
            .expect_find()
            .times(1)
            .returning(|id, reader| Ok((id == task().task.id).then(|| seen_by(reader, task()))));
        run(Tasks { tasks: Arc::new(tasks), ..Tasks::mocked() }.get(actor, id))
    }

    #[test]
    fn members_assignee_and_admin_see_a_task() {
        for actor in [OWNER, EDITOR, COMMENTER, VIEWER, ASSIGNEE, ADMIN] {
            assert_eq!(get(actor, task().task.id).unwrap(), TaskView::from(task()));
        }
    }

    #[test]
    fn stranger_gets_forbidden_if_it_exists_else_not_found() {
        assert!(matches!(get(STRANGER, task().task.id), Err(Error::Forbidden(_))));
        assert!(matches!(get(STRANGER, TaskId::new(404)), Err(Error::NotFound("task"))));
    }
}
