use super::{Tasks, find_workable};
use crate::Error;
use fasttrack_domain::{id::TaskId, policy::Actor, task::Task};

impl Tasks {
    /// Returns a task that the actor may work on. Fails with [`Error::NotFound`] or [`Error::Forbidden`].
    #[tracing::instrument(name = "task.get", skip_all)]
    pub async fn get(&self, actor: Actor, id: TaskId) -> Result<Task, Error> {
        Ok(find_workable(&*self.tasks, id, actor).await?.task)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixtures::{ADMIN, ASSIGNEE, OWNER, STRANGER, run, task};
    use fasttrack_domain::ports::task::MockTaskRepository;
    use std::sync::Arc;

    fn get(actor: Actor, id: TaskId) -> Result<Task, Error> {
        let mut tasks = MockTaskRepository::new();
        tasks.expect_find().times(1).returning(|id| Ok((id == task().task.id).then(task)));
        run(Tasks { tasks: Arc::new(tasks), ..Tasks::mocked() }.get(actor, id))
    }

    #[test]
    fn owner_assignee_and_admin_see_a_task() {
        for actor in [OWNER, ASSIGNEE, ADMIN] {
            assert_eq!(get(actor, task().task.id).unwrap(), task().task);
        }
    }

    #[test]
    fn stranger_gets_forbidden_if_it_exists_else_not_found() {
        assert!(matches!(get(STRANGER, task().task.id), Err(Error::Forbidden(_))));
        assert!(matches!(get(STRANGER, TaskId::new(404)), Err(Error::NotFound("task"))));
    }
}
