use super::Tasks;
use crate::Error;
use fasttrack_domain::{
    id::ProjectId,
    page::{Page, PageRequest},
    policy::{Action, Actor, ProjectAction},
    task::{TaskFilter, TaskView},
};

#[derive(Clone, Debug)]
pub struct ListProjectTasks {
    pub actor: Actor,
    pub project_id: ProjectId,
    pub filter: TaskFilter,
    pub page: PageRequest,
}

impl Tasks {
    // @spec SPEC-003
    /// Lists the tasks of a project that the actor may manage. Fails with [`Error::NotFound`] or [`Error::Forbidden`].
    #[tracing::instrument(name = "task.list_in_project", skip_all)]
    pub async fn list_in_project(&self, command: ListProjectTasks) -> Result<Page<TaskView>, Error> {
        let ListProjectTasks { actor, project_id, filter, page } = command;
        let found = self.tasks.list_in_project(project_id, actor.id, filter, page).await?;
        let found = found.ok_or(Error::NotFound("project"))?;
        actor.authorize(Action::InProject { action: ProjectAction::Read, membership: found.membership })?;
        Ok(found.page)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixtures::{ADMIN, ASSIGNEE, COMMENTER, EDITOR, OWNER, VIEWER, membership, project, run, task};
    use fasttrack_domain::{
        ports::task::{MockTaskRepository, ProjectTasks},
        task::TaskStatus,
    };
    use std::sync::Arc;

    fn list(actor: Actor, project_id: ProjectId) -> Result<Page<TaskView>, Error> {
        let filter = TaskFilter { status: Some(TaskStatus::Todo), ..TaskFilter::default() };
        let expected = filter.clone();
        let mut tasks = MockTaskRepository::new();
        tasks
            .expect_list_in_project()
            .times(1)
            .withf(move |_, _, filter, page| *filter == expected && *page == PageRequest::default())
            .returning(|id, reader, _, _| {
                let page = Page { items: vec![task().into()], next: None };
                Ok((id == project().id).then_some(ProjectTasks { membership: membership(reader), page }))
            });
        let list = Tasks { tasks: Arc::new(tasks), ..Tasks::mocked() };
        run(list.list_in_project(ListProjectTasks { actor, project_id, filter, page: PageRequest::default() }))
    }

    #[test]
    fn members_and_admin_list_the_tasks_of_a_project() {
        for actor in [OWNER, EDITOR, COMMENTER, VIEWER, ADMIN] {
            assert_eq!(list(actor, project().id).unwrap().items, [TaskView::from(task())]);
        }
    }

    #[test]
    fn having_a_task_in_it_is_not_enough_to_list_a_project() {
        assert!(matches!(list(ASSIGNEE, project().id), Err(Error::Forbidden(_))));
        assert!(matches!(list(ASSIGNEE, ProjectId::new(404)), Err(Error::NotFound("project"))));
    }
}
