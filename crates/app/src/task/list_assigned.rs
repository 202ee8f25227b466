use super::Tasks;
use crate::Error;
use fasttrack_domain::{
    id::UserId,
    page::{Page, PageRequest},
    policy::Actor,
    task::{TaskFilter, TaskPriority, TaskStatus, TaskView},
};

#[derive(Clone, Copy, Debug)]
pub struct ListAssignedTasks {
    pub actor: Actor,
    pub status: Option<TaskStatus>,
    pub priority: Option<TaskPriority>,
    /// No task matches another user than the actor.
    pub assignee_id: Option<UserId>,
    pub page: PageRequest,
}

impl Tasks {
    // @spec SPEC-003
    /// Lists the tasks that are assigned to the actor, in all projects.
    #[tracing::instrument(name = "task.list_assigned", skip_all)]
    pub async fn list_assigned(&self, command: ListAssignedTasks) -> Result<Page<TaskView>, Error> {
        let ListAssignedTasks { actor, status, priority, assignee_id, page } = command;
        if assignee_id.is_some_and(|assignee| assignee != actor.id) {
            return Ok(Page { items: Vec::new(), next: None });
        }
        let filter = TaskFilter { status, priority, ..TaskFilter::default() };
        Ok(self.tasks.list_assigned(actor.id, filter, page).await?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixtures::{ADMIN, ASSIGNEE, OWNER, run, task};
    use fasttrack_domain::ports::task::MockTaskRepository;
    use std::sync::Arc;

    fn list(actor: Actor, assignee_id: Option<UserId>, tasks: MockTaskRepository) -> Page<TaskView> {
        let (status, priority) = (Some(TaskStatus::Todo), Some(TaskPriority::High));
        let command = ListAssignedTasks { actor, status, priority, assignee_id, page: PageRequest::default() };
        run(Tasks { tasks: Arc::new(tasks), ..Tasks::mocked() }.list_assigned(command)).unwrap()
    }

    #[test]
    fn everybody_lists_what_is_assigned_to_them_admins_too() {
        for (actor, asked) in [(ASSIGNEE, None), (ASSIGNEE, Some(ASSIGNEE.id)), (ADMIN, None)] {
            let expected = TaskFilter {
                status: Some(TaskStatus::Todo),
                priority: Some(TaskPriority::High),
                assignee_id: None,
                completed: None,
            };
            let mut tasks = MockTaskRepository::new();
            tasks
                .expect_list_assigned()
                .times(1)
                .withf(move |assignee, filter, page| {
                    *assignee == actor.id && *filter == expected && *page == PageRequest::default()
                })
                .return_once(|_, _, _| Ok(Page { items: vec![task().into()], next: None }));
            assert_eq!(list(actor, asked, tasks).items, [TaskView::from(task())]);
        }
    }

    #[test]
    fn nothing_is_assigned_both_to_me_and_to_another() {
        for actor in [ASSIGNEE, ADMIN] {
            let page = list(actor, Some(OWNER.id), MockTaskRepository::new());
            assert_eq!(page, Page { items: vec![], next: None });
        }
    }
}
