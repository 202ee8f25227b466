use super::{Tasks, listed};
use crate::Error;
use fasttrack_domain::{
    page::Page,
    policy::{Action, Actor},
    task::{TaskPage, TaskPageRequest, TaskQuery, TaskScope},
};

#[derive(Clone, Debug)]
pub struct ListTasks {
    pub actor: Actor,
    pub scope: TaskScope,
    pub query: TaskQuery,
    /// Its cursor has to be of this query and [`TaskScope::list`].
    pub page: TaskPageRequest,
}

impl Tasks {
    // @spec SPEC-023
    /// Lists tasks in all projects that the actor's token is for: those that are assigned to the actor, or all that it may
    /// read. Fails with [`Error::Validation`] (`too_broad`) where too many tasks would have to be read.
    #[tracing::instrument(name = "task.list", skip_all)]
    pub async fn list(&self, command: ListTasks) -> Result<TaskPage, Error> {
        let ListTasks { actor, scope, mut query, page } = command;
        query.filter.reach = actor.reach.clone();
        let found = match scope {
            TaskScope::Assigned => {
                if query.filter.assignee_id.is_some_and(|filter| !filter.matches(Some(actor.id))) {
                    return Ok(Page::empty());
                }
                self.tasks.list_assigned(actor.id, query.clone(), page).await
            }
            TaskScope::Visible => {
                let all = actor.can(Action::ListAllProjects);
                self.tasks.list_visible(actor.id, all, query.clone(), page).await
            }
        };
        listed(found, &query)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixtures::{ADMIN, ASSIGNEE, OWNER, conflict, narrowed, run, task};
    use fasttrack_domain::{
        id::UserId,
        ports::{constraint, task::MockTaskRepository},
        task::{IdFilter, TaskFilter, TaskStatus, TaskView},
    };
    use std::sync::Arc;

    fn of(assignee_id: Option<IdFilter<UserId>>) -> TaskQuery {
        let filter = TaskFilter { status: Some(TaskStatus::Todo), assignee_id, ..TaskFilter::default() };
        TaskQuery { filter, ..TaskQuery::default() }
    }

    fn list(actor: Actor, scope: TaskScope, query: TaskQuery, tasks: MockTaskRepository) -> Result<TaskPage, Error> {
        let command = ListTasks { actor, scope, query, page: TaskPageRequest::default() };
        run(Tasks { tasks: Arc::new(tasks), ..Tasks::mocked() }.list(command))
    }

    fn found() -> TaskPage {
        Page { items: vec![task().into()], next: None }
    }

    #[test]
    fn everybody_lists_what_is_assigned_to_them_admins_too() {
        for (actor, assignee) in [(ASSIGNEE, None), (ASSIGNEE, Some(IdFilter::Id(ASSIGNEE.id))), (ADMIN, None)] {
            let (id, expected) = (actor.id, of(assignee));
            let mut tasks = MockTaskRepository::new();
            tasks
                .expect_list_assigned()
                .times(1)
                .withf(move |assignee, query, page| {
                    *assignee == id && *query == expected && *page == TaskPageRequest::default()
                })
                .return_once(|_, _, _| Ok(found()));
            let page = list(actor, TaskScope::Assigned, of(assignee), tasks).unwrap();
            assert_eq!(page.items, [TaskView::from(task())]);
        }
    }

    #[test]
    fn nothing_is_assigned_both_to_me_and_to_another() {
        for actor in [ASSIGNEE, ADMIN] {
            for other in [IdFilter::Id(OWNER.id), IdFilter::None] {
                let page = list(actor.clone(), TaskScope::Assigned, of(Some(other)), MockTaskRepository::new());
                assert_eq!(page.unwrap(), Page::empty());
            }
        }
    }

    #[test]
    fn only_an_admin_sees_the_tasks_of_all_projects() {
        for (actor, sees_all) in [(OWNER, false), (ADMIN, true)] {
            let (id, mut tasks) = (actor.id, MockTaskRepository::new());
            tasks
                .expect_list_visible()
                .times(1)
                .withf(move |reader, all, query, _| {
                    (*reader, *all) == (id, sees_all) && *query == of(Some(IdFilter::None))
                })
                .return_once(|_, _, _, _| Ok(found()));
            assert_eq!(list(actor, TaskScope::Visible, of(Some(IdFilter::None)), tasks).unwrap(), found());
        }
    }

    #[test]
    fn token_for_some_projects_lists_their_tasks_alone() {
        for (actor, sees_all) in [(OWNER, false), (ADMIN, true)] {
            let actor = narrowed(actor, &[8, 7]);
            let filter = TaskFilter { reach: actor.reach.clone(), ..of(None).filter };
            let expected = TaskQuery { filter, ..of(None) };
            let (assigned, visible) = (expected.clone(), expected);
            let mut tasks = MockTaskRepository::new();
            tasks
                .expect_list_assigned()
                .times(1)
                .withf(move |_, query, _| *query == assigned)
                .return_once(|_, _, _| Ok(found()));
            assert_eq!(list(actor.clone(), TaskScope::Assigned, of(None), tasks).unwrap(), found());

            let mut tasks = MockTaskRepository::new();
            tasks
                .expect_list_visible()
                .times(1)
                .withf(move |_, all, query, _| *all == sees_all && *query == visible)
                .return_once(|_, _, _, _| Ok(found()));
            assert_eq!(list(actor, TaskScope::Visible, of(None), tasks).unwrap(), found());
        }
    }

    #[test]
    fn list_that_is_too_broad_is_refused() {
        let mut tasks = MockTaskRepository::new();
        tasks.expect_list_visible().times(1).return_once(|_, _, _, _| Err(conflict(constraint::ROWS_READ)));
        let refused = list(OWNER, TaskScope::Visible, of(None), tasks);
        assert!(matches!(refused, Err(Error::Validation(faults)) if faults == [of(None).too_broad()]));
    }
}
