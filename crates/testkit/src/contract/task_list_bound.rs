//! How many rows a page of tasks reads at most.

use super::conflict;
use crate::{
    builders::{NOBODY, new_task, title},
    given,
};
use fasttrack_domain::{
    api_token::Reach,
    id::{ProjectId, UserId},
    page::Limit,
    ports::{RepositoryError, constraint, project::ProjectRepository, task::TaskRepository, user::UserRepository},
    search::SearchQuery,
    task::{
        BulkIds, IdFilter, MAX_ROWS_READ, NewTask, TaskFilter, TaskOrder, TaskPage, TaskPageRequest, TaskQuery,
        TaskSort,
    },
};

contract! { $
    task_list_bound { users: UserRepository, projects: ProjectRepository, tasks: TaskRepository }
    a_page_that_reads_too_many_rows_is_refused,
    a_search_with_too_many_matches_is_refused,
    a_list_of_some_projects_reads_no_others,
}

/// Every order but that by id.
fn sorts() -> impl Iterator<Item = TaskSort> {
    let both = |order: &TaskOrder| [false, true].map(|descending| TaskSort { order: *order, descending });
    TaskOrder::ALL.iter().filter(|order| **order != TaskOrder::Id).flat_map(both)
}

/// Tasks of one title, as many as one page may read, with their project and its owner, to whom they are assigned.
async fn given_many(ports: &Ports) -> (ProjectId, UserId) {
    let (project, owner) = given::project_with_owner(ports).await;
    given_many_of(ports, project.id, owner.id).await;
    (project.id, owner.id)
}

async fn given_many_of(ports: &Ports, project: ProjectId, assignee: UserId) {
    let seen = ports.tasks.find_project(project, NOBODY).await.unwrap().unwrap();
    let new = NewTask { title: title("Paint"), description: None, assignee_id: Some(assignee), ..new_task(&seen) };
    let mut left = usize::try_from(MAX_ROWS_READ).unwrap();
    while left > 0 {
        let part = left.min(BulkIds::MAX);
        ports.tasks.create_all(vec![new.clone(); part], None).await.unwrap();
        left -= part;
    }
}

fn three() -> TaskPageRequest {
    TaskPageRequest { limit: Limit::new(3).unwrap(), cursor: None }
}

async fn page(
    ports: &Ports,
    project: ProjectId,
    filter: &TaskFilter,
    sort: TaskSort,
    request: TaskPageRequest,
) -> Result<TaskPage, RepositoryError> {
    let query = TaskQuery { filter: filter.clone(), sort };
    Ok(ports.tasks.list_in_project(project, NOBODY, query, request).await?.unwrap().page)
}

/// `Conflict` with `ROWS_READ` where no index has the filter and no task matches. A page that fills up before is
/// answered, and so is a list without a filter.
async fn a_page_that_reads_too_many_rows_is_refused(ports: &Ports) {
    let (project, owner) = given_many(ports).await;
    let nobodys = TaskFilter { assignee_id: Some(IdFilter::None), ..TaskFilter::default() };
    let all = TaskFilter::default();
    for sort in sorts() {
        let found = page(ports, project, &nobodys, sort, three()).await.unwrap();
        assert_eq!((found.items, found.next), (vec![], None), "{sort}");
    }
    let assigned = |task| NewTask { assignee_id: Some(owner), ..task };
    given::task_with(ports, project, assigned).await;
    for sort in sorts() {
        assert_eq!(conflict(page(ports, project, &nobodys, sort, three()).await), constraint::ROWS_READ, "{sort}");
        for filter in [&all, &TaskFilter { assignee_id: Some(IdFilter::Id(owner)), ..TaskFilter::default() }] {
            let first = page(ports, project, filter, sort, three()).await.unwrap();
            assert_eq!(first.items.len(), 3, "{sort}");
            let request = TaskPageRequest { cursor: first.next, ..three() };
            assert_eq!(page(ports, project, filter, sort, request).await.unwrap().items.len(), 3, "{sort}");
        }
    }
    // These four come first: they fill a page of three, and leave one for the next.
    let last = TaskSort { order: TaskOrder::Position, descending: true };
    for _ in 0..4 {
        given::task(ports, project).await;
    }
    let found = page(ports, project, &nobodys, last, three()).await.unwrap();
    assert_eq!(found.items.len(), 3);
    let request = TaskPageRequest { cursor: Some(found.next.unwrap()), ..three() };
    assert_eq!(conflict(page(ports, project, &nobodys, last, request).await), constraint::ROWS_READ);
}

/// `Conflict` with `ROWS_READ` in another order than by id, where no task matches what else is filtered by. Fewer
/// matches are sorted.
async fn a_search_with_too_many_matches_is_refused(ports: &Ports) {
    let (project, owner) = given_many(ports).await;
    let searched = |text, assignee_id| {
        let search = Some(SearchQuery::parse(text).unwrap());
        TaskFilter { search, assignee_id, ..TaskFilter::default() }
    };
    let (nobodys, all) = (searched("paint", Some(IdFilter::None)), searched("paint", None));
    for sort in sorts() {
        assert_eq!(page(ports, project, &nobodys, sort, three()).await.unwrap().items, [], "{sort}");
        assert_eq!(page(ports, project, &all, sort, three()).await.unwrap().items.len(), 3, "{sort}");
    }
    let fence = |task| NewTask { title: title("Paint the fence"), assignee_id: Some(owner), ..task };
    let fence = given::task_with(ports, project, fence).await.id;
    for sort in sorts() {
        assert_eq!(conflict(page(ports, project, &nobodys, sort, three()).await), constraint::ROWS_READ, "{sort}");
        let found = page(ports, project, &searched("pai fence", None), sort, three()).await.unwrap();
        assert_eq!(found.items.into_iter().map(|view| view.task.id).collect::<Vec<_>>(), [fence], "{sort}");
        let none = page(ports, project, &searched("door", None), sort, three()).await.unwrap();
        assert_eq!(none.items, [], "{sort}");
    }
}

/// Neither of what is assigned to a user, nor of what a user may read, nor of all. `Conflict` with `ROWS_READ` where a user
/// who is no member has too many tasks in them.
async fn a_list_of_some_projects_reads_no_others(ports: &Ports) {
    let (large, owner) = given::project_with_owner(ports).await;
    let small = given::project(ports, owner.id).await;
    let user = given::user(ports).await.id;
    given_many_of(ports, large.id, user).await;
    let assigned = |task| NewTask { assignee_id: Some(user), ..task };
    given::task_with(ports, large.id, assigned).await;
    let expected = given::task_with(ports, small.id, assigned).await.id;
    let within = |project, sort| {
        let filter = TaskFilter { reach: Reach::only(vec![project]), ..TaskFilter::default() };
        TaskQuery { filter, sort }
    };
    for sort in sorts().chain([TaskSort::default()]) {
        let query = within(small.id, sort);
        let tasks = &ports.tasks;
        for listed in [
            tasks.list_assigned(user, query.clone(), three()).await,
            tasks.list_visible(user, false, query.clone(), three()).await,
            tasks.list_visible(owner.id, false, query.clone(), three()).await,
            tasks.list_visible(NOBODY, true, query, three()).await,
        ] {
            let ids: Vec<_> = listed.unwrap().items.into_iter().map(|view| view.task.id).collect();
            assert_eq!(ids, [expected], "{sort}");
        }
        let query = within(large.id, sort);
        for (reader, all) in [(owner.id, false), (NOBODY, true)] {
            let listed = tasks.list_visible(reader, all, query.clone(), three()).await.unwrap();
            assert_eq!(listed.items.len(), 3, "{sort}");
        }
        let refused = tasks.list_visible(user, false, query, three()).await;
        assert_eq!(conflict(refused), constraint::ROWS_READ, "{sort}");
    }
}
