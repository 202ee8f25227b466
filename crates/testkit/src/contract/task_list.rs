//! Lists of tasks by ascending id, their filters and their pages. Other orders and filters:
//! [`task_query`](super::task_query).

use super::walk::{first_page, walk_while_rows_change};
use crate::{
    builders::{NOBODY, after, new_project, new_task},
    given,
};
use fasttrack_domain::{
    id::{ProjectId, TaskId, UserId},
    membership::MemberRole,
    page::{Cursor, Limit, Page},
    ports::{
        project::ProjectRepository,
        task::{ProjectTasks, TaskRepository},
        user::UserRepository,
    },
    task::{
        IdFilter, NewTask, Task, TaskCursor, TaskFilter, TaskPage, TaskPageRequest, TaskPriority, TaskQuery,
        TaskStatus, TaskView,
    },
};
use std::{
    collections::BTreeSet,
    iter::once,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

contract! { $
    task_list { users: UserRepository, projects: ProjectRepository, tasks: TaskRepository }
    tasks_of_a_project_are_filtered_by_every_combination,
    assigned_tasks_are_filtered_by_every_combination,
    pages_of_filtered_tasks_have_no_gaps,
    a_list_in_a_project_has_the_role_of_its_reader,
    a_list_in_a_project_that_does_not_exist_is_none,
    a_project_without_matching_tasks_has_an_empty_page,
    pages_of_tasks_stay_consistent_while_rows_change,
    pages_of_assigned_tasks_stay_consistent,
    pages_stay_consistent_while_others_write,
}

fn everything() -> TaskPageRequest {
    TaskPageRequest { limit: Limit::new(100).unwrap(), cursor: None }
}

/// Absent, and each of `values`.
fn maybe<T: Copy>(values: &[T]) -> impl Iterator<Item = Option<T>> + '_ {
    once(None).chain(values.iter().copied().map(Some))
}

fn filters(assignees: &[UserId]) -> Vec<TaskFilter> {
    let mut filters = Vec::new();
    for status in maybe(TaskStatus::ALL) {
        for priority in maybe(TaskPriority::ALL) {
            for completed in maybe(&[true, false]) {
                let filter = |assignee: Option<UserId>| TaskFilter {
                    status,
                    priority,
                    completed,
                    assignee_id: assignee.map(IdFilter::Id),
                    ..TaskFilter::default()
                };
                filters.extend(maybe(assignees).map(filter));
            }
        }
    }
    filters
}

/// The list with this filter, by ascending id.
fn filtered(filter: &TaskFilter) -> TaskQuery {
    TaskQuery { filter: filter.clone(), ..TaskQuery::default() }
}

fn expected<'a>(tasks: impl IntoIterator<Item = &'a Task>, filter: &TaskFilter) -> Vec<Task> {
    tasks.into_iter().filter(|task| filter.matches(task)).cloned().collect()
}

fn tasks_of(page: TaskPage) -> Vec<Task> {
    page.map(|view| view.task).items
}

fn ids_of(page: TaskPage) -> Page<i64> {
    page.map(|view| view.task.id.get()).map_next(Cursor::from)
}

/// In each of two projects a task of every status and priority, for nobody and for each of two assignees.
async fn given_tasks(ports: &Ports) -> (Vec<Task>, [ProjectId; 2], Vec<UserId>) {
    let (first, owner) = given::project_with_owner(ports).await;
    let projects = [first.id, given::project(ports, owner.id).await.id];
    let assignees = vec![owner.id, given::user(ports).await.id];
    let mut tasks = Vec::new();
    for status in TaskStatus::ALL.iter().copied() {
        for priority in TaskPriority::ALL.iter().copied() {
            for assignee_id in maybe(&assignees) {
                for project in projects {
                    let like = |task| NewTask { status, priority, assignee_id, ..task };
                    tasks.push(given::task_with(ports, project, like).await);
                }
            }
        }
    }
    (tasks, projects, assignees)
}

async fn delete_task(ports: &Ports, id: i64) {
    let found = ports.tasks.find(TaskId::new(id), NOBODY).await.unwrap().unwrap();
    assert!(ports.tasks.delete(found.remove(found.project.owner_id, after(1))).await.unwrap());
}

async fn tasks_of_a_project_are_filtered_by_every_combination(ports: &Ports) {
    let (tasks, [project, _], mut assignees) = given_tasks(ports).await;
    assignees.push(UserId::new(i64::MAX));
    for filter in filters(&assignees) {
        let listed = ports.tasks.list_in_project(project, NOBODY, filtered(&filter), everything()).await;
        let listed = listed.unwrap().unwrap();
        let expected = expected(tasks.iter().filter(|task| task.project_id == project), &filter);
        assert_eq!(tasks_of(listed.page), expected, "{filter:?}");
    }
}

async fn assigned_tasks_are_filtered_by_every_combination(ports: &Ports) {
    let (tasks, _, mut assignees) = given_tasks(ports).await;
    assignees.push(UserId::new(i64::MAX));
    for assignee in &assignees {
        for filter in filters(&assignees) {
            let listed = ports.tasks.list_assigned(*assignee, filtered(&filter), everything()).await.unwrap();
            let theirs = tasks.iter().filter(|task| task.assignee_id == Some(*assignee));
            assert_eq!(tasks_of(listed), expected(theirs, &filter), "{assignee} {filter:?}");
        }
    }
}

/// A page of two ends within and between what an index keeps together.
async fn pages_of_filtered_tasks_have_no_gaps(ports: &Ports) {
    let (tasks, [project, _], assignees) = given_tasks(ports).await;
    for filter in filters(&assignees[..1]) {
        let (mut walked, mut request) = (Vec::new(), TaskPageRequest { limit: Limit::new(2).unwrap(), cursor: None });
        loop {
            let listed = ports.tasks.list_in_project(project, NOBODY, filtered(&filter), request.clone()).await;
            let listed = listed.unwrap().unwrap();
            assert!(listed.page.items.len() == 2 || listed.page.next.is_none(), "{filter:?}");
            request.cursor.clone_from(&listed.page.next);
            walked.extend(tasks_of(listed.page));
            if request.cursor.is_none() {
                break;
            }
        }
        assert_eq!(walked, expected(tasks.iter().filter(|task| task.project_id == project), &filter), "{filter:?}");
    }
}

/// An empty list does, too.
async fn a_list_in_a_project_has_the_role_of_its_reader(ports: &Ports) {
    let (project, owner) = given::project_with_owner(ports).await;
    let mut items = Vec::new();
    for _ in 0..2 {
        for (reader, membership) in [(owner.id, Some(MemberRole::Owner)), (NOBODY, None)] {
            let listed = ports.tasks.list_in_project(project.id, reader, TaskQuery::default(), everything()).await;
            let page = Page { items: items.clone(), next: None };
            assert_eq!(listed.unwrap(), Some(ProjectTasks { membership, page }));
        }
        let task = given::task(ports, project.id).await;
        items.push(TaskView { task, assignee: None, labels: Vec::new() });
    }
}

/// An empty page would mean that there is such a project.
async fn a_list_in_a_project_that_does_not_exist_is_none(ports: &Ports) {
    let (project, _) = given::project_with_owner(ports).await;
    for id in [0, project.id.get() + 1, i64::MAX].map(ProjectId::new) {
        let listed = ports.tasks.list_in_project(id, NOBODY, TaskQuery::default(), everything()).await.unwrap();
        assert_eq!(listed, None, "{id}");
    }
}

async fn a_project_without_matching_tasks_has_an_empty_page(ports: &Ports) {
    let (project, _) = given::project_with_owner(ports).await;
    let filter = TaskFilter { status: Some(TaskStatus::Done), ..TaskFilter::default() };
    let page = async |filter: &TaskFilter, request| {
        ports.tasks.list_in_project(project.id, NOBODY, filtered(filter), request).await.unwrap().unwrap().page
    };
    let all = TaskFilter::default();
    assert_eq!(page(&all, everything()).await.items, []);
    let task = given::task(ports, project.id).await;
    let beyond = TaskPageRequest { cursor: Some(Cursor::after(task.id.get()).into()), ..everything() };
    for empty in [page(&filter, everything()).await, page(&all, beyond).await] {
        assert_eq!((empty.items, empty.next), (vec![], None));
    }
}

async fn pages_of_tasks_stay_consistent_while_rows_change(ports: &Ports) {
    let (project, owner) = given::project_with_owner(ports).await;
    let other = given::project(ports, owner.id).await;
    walk_while_rows_change(
        async |request| {
            let request = request.map(TaskCursor::from);
            let listed = ports.tasks.list_in_project(project.id, NOBODY, TaskQuery::default(), request).await;
            ids_of(listed.unwrap().unwrap().page)
        },
        async || {
            given::task(ports, other.id).await;
            given::task(ports, project.id).await.id.get()
        },
        async |id| delete_task(ports, id).await,
    )
    .await;
}

async fn pages_of_assigned_tasks_stay_consistent(ports: &Ports) {
    let (project, owner) = given::project_with_owner(ports).await;
    walk_while_rows_change(
        async |request| {
            let request = request.map(TaskCursor::from);
            ids_of(ports.tasks.list_assigned(owner.id, TaskQuery::default(), request).await.unwrap())
        },
        async || {
            given::task(ports, project.id).await;
            let mine = |task| NewTask { assignee_id: Some(owner.id), ..task };
            given::task_with(ports, project.id, mine).await.id.get()
        },
        async |id| delete_task(ports, id).await,
    )
    .await;
}

async fn pages_stay_consistent_while_others_write(ports: &Ports) {
    let (project, owner) = given::project_with_owner(ports).await;
    let seen_project = ports.tasks.find_project(project.id, NOBODY).await.unwrap().unwrap();
    let mut standing = BTreeSet::new();
    let mut passing = Vec::new();
    for _ in 0..15 {
        standing.insert(given::task(ports, project.id).await.id);
        passing.push(given::task(ports, project.id).await.id);
    }
    let walked = Arc::new(AtomicBool::new(false));
    let writer = tokio::spawn({
        let (ports, walked) = (ports.clone(), Arc::clone(&walked));
        async move {
            while !walked.load(Ordering::Relaxed) {
                match passing.pop() {
                    Some(id) => delete_task(&ports, id.get()).await,
                    None => passing.push(ports.tasks.create(new_task(&seen_project), None).await.unwrap().id),
                }
                ports.projects.create(new_project(owner.id), None).await.unwrap();
            }
        }
    });
    for _ in 0..5 {
        let (mut seen, mut request) = (Vec::new(), first_page().map(TaskCursor::from));
        loop {
            let listed = ports.tasks.list_in_project(project.id, NOBODY, TaskQuery::default(), request.clone()).await;
            let page = listed.unwrap().unwrap().page;
            seen.extend(page.items.into_iter().map(|view| view.task.id));
            // The writer may add rows faster than this reads them; those are not what this is about.
            if page.next.is_none() || seen.last() > standing.last() {
                break;
            }
            request.cursor = page.next;
        }
        assert!(seen.is_sorted_by(|a, b| a < b), "ascending, none twice: {seen:?}");
        assert!(standing.iter().all(|id| seen.contains(id)), "{standing:?} stood throughout, seen: {seen:?}");
    }
    walked.store(true, Ordering::Relaxed);
    writer.await.unwrap();
}
