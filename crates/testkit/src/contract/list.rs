//! Lists and their filters: what is in them. How they are walked: [`page`](super::page).

use crate::{
    Ports,
    builders::{after, email, new_user},
};
use fasttrack_domain::{
    id::{ProjectId, UserId},
    page::{Cursor, Limit, PageRequest},
    project::{ProjectFilter, ProjectPatch, ProjectStatus},
    task::{NewTask, Task, TaskFilter, TaskPriority, TaskStatus},
    user::{NewUser, Role, UserFilter, UserPatch},
};
use std::iter::once;

fn everything() -> PageRequest {
    PageRequest { limit: Limit::new(100).unwrap(), cursor: None }
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
                let filter = |assignee_id| TaskFilter { status, priority, assignee_id, completed };
                filters.extend(maybe(assignees).map(filter));
            }
        }
    }
    filters
}

fn expected<'a>(tasks: impl IntoIterator<Item = &'a Task>, filter: &TaskFilter) -> Vec<Task> {
    let fits = |task: &&Task| {
        filter.status.is_none_or(|status| status == task.status)
            && filter.priority.is_none_or(|priority| priority == task.priority)
            && filter.assignee_id.is_none_or(|id| task.assignee_id == Some(id))
            && filter.completed.is_none_or(|completed| completed == (task.status == TaskStatus::Done))
    };
    tasks.into_iter().filter(fits).cloned().collect()
}

/// In each of two projects a task of every status and priority, for nobody and for each of two assignees.
async fn given_tasks(ports: &Ports) -> (Vec<Task>, [ProjectId; 2], Vec<UserId>) {
    let (first, owner) = ports.given_projects_owner().await;
    let projects = [first.id, ports.given_project(owner.id).await.id];
    let assignees = vec![owner.id, ports.given_user().await.id];
    let mut tasks = Vec::new();
    for status in TaskStatus::ALL.iter().copied() {
        for priority in TaskPriority::ALL.iter().copied() {
            for assignee_id in maybe(&assignees) {
                for project in projects {
                    let like = |task| NewTask { status, priority, assignee_id, ..task };
                    tasks.push(ports.given_task_like(project, like).await);
                }
            }
        }
    }
    (tasks, projects, assignees)
}

/// Those that fit, those of this project only, by ascending id.
pub async fn tasks_of_a_project_are_listed_by_every_combination_of_filters(ports: &Ports) {
    let (tasks, [project, _], mut assignees) = given_tasks(ports).await;
    assignees.push(UserId::new(i64::MAX));
    for filter in filters(&assignees) {
        let listed = ports.tasks.list_in_project(project, filter.clone(), everything()).await.unwrap().unwrap();
        let expected = expected(tasks.iter().filter(|task| task.project_id == project), &filter);
        assert_eq!(listed.page.items, expected, "{filter:?}");
    }
}

/// Those that fit and are the assignee's, whatever their project, by ascending id.
pub async fn assigned_tasks_are_listed_by_every_filter(ports: &Ports) {
    let (tasks, _, mut assignees) = given_tasks(ports).await;
    assignees.push(UserId::new(i64::MAX));
    for assignee in &assignees {
        for filter in filters(&assignees) {
            let listed = ports.tasks.list_assigned(*assignee, filter.clone(), everything()).await.unwrap();
            let theirs = tasks.iter().filter(|task| task.assignee_id == Some(*assignee));
            assert_eq!(listed.items, expected(theirs, &filter), "{assignee} {filter:?}");
        }
    }
}

/// Page by page, of two tasks each, so that a page ends within and between what an index keeps together.
pub async fn filtered_tasks_are_walked_without_gaps(ports: &Ports) {
    let (tasks, [project, _], assignees) = given_tasks(ports).await;
    for filter in filters(&assignees[..1]) {
        let (mut walked, mut request) = (Vec::new(), PageRequest { limit: Limit::new(2).unwrap(), cursor: None });
        loop {
            let listed = ports.tasks.list_in_project(project, filter.clone(), request).await.unwrap().unwrap();
            assert!(listed.page.items.len() == 2 || listed.page.next.is_none(), "{filter:?}");
            walked.extend(listed.page.items);
            request.cursor = listed.page.next;
            if request.cursor.is_none() {
                break;
            }
        }
        assert_eq!(walked, expected(tasks.iter().filter(|task| task.project_id == project), &filter), "{filter:?}");
    }
}

/// What is needed to decide who may see it, also where there is nothing to see.
pub async fn a_list_in_a_project_names_its_owner(ports: &Ports) {
    let (project, owner) = ports.given_projects_owner().await;
    for _ in 0..2 {
        let listed = ports.tasks.list_in_project(project.id, TaskFilter::default(), everything()).await.unwrap();
        assert_eq!(listed.unwrap().owner_id, owner.id);
        ports.given_task(project.id).await;
    }
}

/// `Ok(None)`, which isn't the same as an empty page.
pub async fn a_list_in_a_project_that_does_not_exist_is_none(ports: &Ports) {
    let (project, _) = ports.given_projects_owner().await;
    for id in [0, project.id.get() + 1, i64::MAX].map(ProjectId::new) {
        let listed = ports.tasks.list_in_project(id, TaskFilter::default(), everything()).await.unwrap();
        assert_eq!(listed, None, "{id}");
    }
}

/// Because it has none, or none that fits, or none behind the cursor.
pub async fn a_project_without_matching_tasks_has_an_empty_page(ports: &Ports) {
    let (project, _) = ports.given_projects_owner().await;
    let filter = TaskFilter { status: Some(TaskStatus::Done), ..TaskFilter::default() };
    let page =
        async |filter, request| ports.tasks.list_in_project(project.id, filter, request).await.unwrap().unwrap().page;
    assert_eq!(page(TaskFilter::default(), everything()).await.items, []);
    let task = ports.given_task(project.id).await;
    let beyond = PageRequest { cursor: Some(Cursor::after(task.id.get())), ..everything() };
    for empty in [page(filter, everything()).await, page(TaskFilter::default(), beyond).await] {
        assert_eq!((empty.items, empty.next), (vec![], None));
    }
}

/// Those that fit, by ascending id.
pub async fn users_are_listed_by_every_combination_of_filters(ports: &Ports) {
    let mut users = Vec::new();
    for role in [Role::Admin, Role::User] {
        for is_active in [true, false, true] {
            let mut user = ports.users.create(NewUser { role, ..new_user() }).await.unwrap();
            let patch = UserPatch { is_active: Some(is_active), ..UserPatch::default() };
            // The first admin of all stays active.
            if let Some(change) = user.apply(patch, after(1)) {
                user = ports.users.save(change, None).await.unwrap().unwrap();
            }
            users.push(user);
        }
    }
    for role in maybe(Role::ALL) {
        for is_active in maybe(&[true, false]) {
            for email in [None, Some(users[1].email.clone()), Some(users[3].email.clone()), Some(email())] {
                let filter = UserFilter { role, is_active, email };
                let expected: Vec<_> = users
                    .iter()
                    .filter(|user| filter.role.is_none_or(|role| role == user.role))
                    .filter(|user| filter.is_active.is_none_or(|active| active == user.is_active))
                    .filter(|user| filter.email.as_ref().is_none_or(|email| *email == user.email))
                    .cloned()
                    .collect();
                let listed = ports.users.list(filter.clone(), everything()).await.unwrap();
                assert_eq!(listed.items, expected, "{filter:?}");
            }
        }
    }
}

/// Those that fit, by ascending id.
pub async fn projects_are_listed_by_every_combination_of_filters(ports: &Ports) {
    let owners = [ports.given_user().await.id, ports.given_user().await.id];
    let mut projects = Vec::new();
    for owner in [owners[0], owners[1], owners[0], owners[1]] {
        let project = ports.given_project(owner).await;
        let archived = ProjectPatch { status: Some(ProjectStatus::Archived), ..ProjectPatch::default() };
        projects.push(if projects.len() < 2 {
            ports.projects.save(project.apply(archived, after(1)).unwrap()).await.unwrap().unwrap()
        } else {
            project
        });
    }
    for owner_id in maybe(&[owners[0], owners[1], UserId::new(i64::MAX)]) {
        for status in maybe(ProjectStatus::ALL) {
            let filter = ProjectFilter { owner_id, status };
            let expected: Vec<_> = projects
                .iter()
                .filter(|project| owner_id.is_none_or(|owner| owner == project.owner_id))
                .filter(|project| status.is_none_or(|status| status == project.status))
                .cloned()
                .collect();
            let listed = ports.projects.list(filter.clone(), everything()).await.unwrap();
            assert_eq!(listed.items, expected, "{filter:?}");
        }
    }
}
