use super::{Todos, find_inbox};
use crate::Error;
use fasttrack_domain::{
    id::UserId,
    page::{Cursor, Page, PageRequest},
    policy::Actor,
    task::{Task, TaskCursor, TaskFilter, TaskQuery},
};

#[derive(Clone, Debug)]
pub struct ListTodos {
    pub actor: Actor,
    pub owner: Option<UserId>,
    pub completed: Option<bool>,
    pub page: PageRequest,
}

impl Todos {
    // @spec SPEC-004
    /// Lists the tasks behind the todos; none where there is no Inbox. Fails with [`Error::Forbidden`].
    #[tracing::instrument(name = "todo.list", skip_all)]
    pub async fn list(&self, command: ListTodos) -> Result<Page<Task>, Error> {
        let ListTodos { actor, owner, completed, page } = command;
        let filter = TaskFilter { completed, ..TaskFilter::default() };
        let (query, page) = (TaskQuery { filter, ..TaskQuery::default() }, page.map(TaskCursor::from));
        let found = match find_inbox(&*self.projects, &actor, owner).await? {
            Some(inbox) => self.tasks.list_in_project(inbox.project.id, actor.id, query, page).await?,
            None => None,
        };
        Ok(found.map_or_else(Page::empty, |found| found.page.map(|view| view.task).map_next(Cursor::from)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        fixtures::{ADMIN, OWNER, project, run, task},
        todo::fixtures::{elsewhere, inboxes},
    };
    use fasttrack_domain::{
        membership::MemberRole,
        ports::{
            project::MockProjectRepository,
            task::{MockTaskRepository, ProjectTasks},
        },
        task::TaskView,
    };
    use std::sync::Arc;

    fn list(
        actor: Actor,
        owner: Option<UserId>,
        projects: MockProjectRepository,
        tasks: MockTaskRepository,
    ) -> Result<Page<Task>, Error> {
        let list = Todos { projects: Arc::new(projects), tasks: Arc::new(tasks), ..Todos::mocked() };
        let page = PageRequest { cursor: Some(Cursor::after(3)), ..PageRequest::default() };
        run(list.list(ListTodos { actor, owner, completed: Some(false), page }))
    }

    fn listing(found: Option<ProjectTasks>) -> MockTaskRepository {
        let mut tasks = MockTaskRepository::new();
        tasks
            .expect_list_in_project()
            .times(1)
            .withf(|id, reader, query, page| {
                let filter = TaskFilter { completed: Some(false), ..TaskFilter::default() };
                let expected = TaskQuery { filter, ..TaskQuery::default() };
                let cursor = TaskCursor::from(Cursor::after(3));
                (*id, *reader) == (project().id, OWNER.id) && *query == expected && page.cursor == Some(cursor)
            })
            .return_once(|_, _, _, _| Ok(found));
        tasks
    }

    #[test]
    fn todos_are_the_tasks_of_the_inbox() {
        let page = Page { items: vec![TaskView::from(task())], next: Some(Cursor::after(9).into()) };
        let tasks = listing(Some(ProjectTasks { membership: Some(MemberRole::Owner), page }));
        let expected = Page { items: vec![task().task], next: Some(Cursor::after(9)) };
        assert_eq!(list(OWNER, Some(OWNER.id), inboxes([Some(project())]), tasks).unwrap(), expected);
    }

    #[test]
    fn looking_at_no_todos_makes_no_inbox() {
        let empty = Page { items: vec![], next: None };
        assert_eq!(list(OWNER, Some(OWNER.id), inboxes([None]), MockTaskRepository::new()).unwrap(), empty);
        // It was deleted in between.
        assert_eq!(list(OWNER, Some(OWNER.id), inboxes([Some(project())]), listing(None)).unwrap(), empty);
    }

    #[test]
    fn token_for_other_projects_lists_no_todos() {
        for inbox in [None, Some(project())] {
            let refused = list(elsewhere(), Some(OWNER.id), inboxes([inbox]), MockTaskRepository::new());
            assert!(matches!(refused, Err(Error::Forbidden(_))));
        }
    }

    #[test]
    fn nobody_lists_the_todos_of_another() {
        for (actor, owner) in [(OWNER, None), (OWNER, Some(ADMIN.id)), (ADMIN, Some(OWNER.id))] {
            let refused = list(actor, owner, MockProjectRepository::new(), MockTaskRepository::new());
            assert!(matches!(refused, Err(Error::Forbidden(_))));
        }
    }
}
