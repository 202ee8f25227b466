use super::{Tasks, listed};
use crate::Error;
use fasttrack_domain::{
    id::ProjectId,
    policy::{Action, Actor, ProjectAction},
    task::{TaskPage, TaskPageRequest, TaskQuery},
};

#[derive(Clone, Debug)]
pub struct ListProjectTasks {
    pub actor: Actor,
    pub project_id: ProjectId,
    pub query: TaskQuery,
    /// Its cursor has to be of this query and project.
    pub page: TaskPageRequest,
}

impl Tasks {
    // @spec SPEC-003
    /// Lists the tasks of a project that the actor may read. Fails with [`Error::Validation`] (`too_broad`) where too many
    /// tasks would have to be read, [`Error::NotFound`] or [`Error::Forbidden`].
    #[tracing::instrument(name = "task.list_in_project", skip_all)]
    pub async fn list_in_project(&self, command: ListProjectTasks) -> Result<TaskPage, Error> {
        let ListProjectTasks { actor, project_id, query, page } = command;
        let found = listed(self.tasks.list_in_project(project_id, actor.id, query.clone(), page).await, &query)?;
        let found = found.ok_or(Error::NotFound("project"))?;
        let membership = found.membership;
        actor.authorize(Action::InProject { project: project_id, action: ProjectAction::Read, membership })?;
        Ok(found.page)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixtures::{
        ADMIN, ASSIGNEE, COMMENTER, EDITOR, OWNER, VIEWER, conflict, membership, project, run, task,
    };
    use fasttrack_domain::{
        page::Page,
        ports::{
            constraint,
            task::{MockTaskRepository, ProjectTasks},
        },
        task::{TaskFilter, TaskStatus, TaskView},
    };
    use std::sync::Arc;

    fn query() -> TaskQuery {
        let filter = TaskFilter { status: Some(TaskStatus::Todo), ..TaskFilter::default() };
        TaskQuery { filter, sort: "-due".parse().unwrap() }
    }

    fn list(actor: Actor, project_id: ProjectId) -> Result<TaskPage, Error> {
        let mut tasks = MockTaskRepository::new();
        tasks
            .expect_list_in_project()
            .times(1)
            .withf(|_, _, given, page| *given == query() && *page == TaskPageRequest::default())
            .returning(|id, reader, _, _| {
                let page = Page { items: vec![task().into()], next: None };
                Ok((id == project().id).then_some(ProjectTasks { membership: membership(reader), page }))
            });
        list_by(actor, project_id, tasks)
    }

    fn list_by(actor: Actor, project_id: ProjectId, tasks: MockTaskRepository) -> Result<TaskPage, Error> {
        let list = Tasks { tasks: Arc::new(tasks), ..Tasks::mocked() };
        let (query, page) = (query(), TaskPageRequest::default());
        run(list.list_in_project(ListProjectTasks { actor, project_id, query, page }))
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

    #[test]
    fn list_that_is_too_broad_is_refused() {
        let mut tasks = MockTaskRepository::new();
        tasks.expect_list_in_project().times(1).return_once(|_, _, _, _| Err(conflict(constraint::ROWS_READ)));
        let refused = list_by(OWNER, project().id, tasks);
        assert!(matches!(refused, Err(Error::Validation(faults)) if faults == [query().too_broad()]));
    }
}
