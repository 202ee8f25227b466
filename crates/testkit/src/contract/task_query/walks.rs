//! Pages in every order while tasks change, and lists without tasks.

use super::shared::{Ports, find};
use crate::{
    builders::{NOBODY, after, due},
    given,
};
use fasttrack_domain::{
    id::{ProjectId, TaskId, UserId},
    page::Limit,
    patch::Patch,
    task::{
        NewTask, Place, TaskOrder, TaskPage, TaskPageRequest, TaskPatch, TaskPriority, TaskQuery, TaskSort, TaskStatus,
    },
};

fn every_sort() -> impl Iterator<Item = TaskSort> {
    let both = |order: &TaskOrder| [false, true].map(|descending| TaskSort { order: *order, descending });
    TaskOrder::ALL.iter().flat_map(both)
}

fn sorted(sort: TaskSort) -> TaskQuery {
    TaskQuery { sort, ..TaskQuery::default() }
}

fn pages_of(limit: i64) -> TaskPageRequest {
    TaskPageRequest { limit: Limit::new(limit).unwrap(), cursor: None }
}

/// A task whose place in each order depends on `n`.
async fn given_task(ports: &Ports, project: ProjectId, assignee: UserId, n: usize) -> TaskId {
    let minutes = i64::try_from(n % 3).unwrap();
    let like = |task| NewTask {
        assignee_id: Some(assignee),
        due: (n % 4 > 0).then(|| due(["2026-12-03", "2026-12-02", "2026-12-01"][n % 3])),
        priority: TaskPriority::ALL[n % 3],
        created_at: after(minutes),
        ..task
    };
    given::task_with(ports, project, like).await.id
}

/// Moves a task in every order: it gets another place, due date, priority and time.
async fn displace(ports: &Ports, id: TaskId, n: usize) {
    let patch = TaskPatch {
        due: if n % 2 == 0 { Patch::Set(due("2026-12-02")) } else { Patch::Clear },
        priority: Some(TaskPriority::ALL[n % 3]),
        ..TaskPatch::default()
    };
    let found = find(ports, id).await;
    let at = after(i64::try_from(n % 5).unwrap());
    if let Some(change) = found.apply(patch, found.project.owner_id, at).unwrap() {
        ports.tasks.save(change).await.unwrap().unwrap();
    }
    given::moved(ports, id, Place::First).await;
}

/// Each comes once, at its place among the others, while others are created, deleted and moved.
pub(super) async fn tasks_that_stand_still_come_once_in_every_order(ports: &Ports) {
    for sort in every_sort() {
        let (project, owner) = given::project_with_owner(ports).await;
        let (mut standing, mut passing) = (Vec::new(), Vec::new());
        for n in 0..24 {
            let list = if n % 2 == 0 { &mut standing } else { &mut passing };
            list.push(given_task(ports, project.id, owner.id, n / 2).await);
        }
        let query = sorted(sort);
        let whole = ports.tasks.list_in_project(project.id, NOBODY, query.clone(), pages_of(100)).await;
        let expected: Vec<_> =
            ids(whole.unwrap().unwrap().page).into_iter().filter(|id| standing.contains(id)).collect();
        let (mut seen, mut request, mut n) = (Vec::new(), pages_of(3), 0);
        loop {
            let listed = ports.tasks.list_in_project(project.id, NOBODY, query.clone(), request).await;
            let page = listed.unwrap().unwrap().page;
            let next = page.next.clone();
            seen.extend(ids(page));
            let Some(cursor) = next else { break };
            n += 1;
            assert!(n < 100, "the list has no end");
            // The cursor's task may be one that is gone.
            let gone = if passing.contains(&cursor.id()) { cursor.id() } else { passing[n % passing.len()] };
            if passing.len() > 4 && n % 3 == 0 {
                passing.retain(|id| *id != gone);
                let found = find(ports, gone).await;
                assert!(ports.tasks.delete(found.remove(owner.id, after(9))).await.unwrap());
            } else {
                displace(ports, gone, n).await;
            }
            if n < 6 {
                passing.push(given_task(ports, project.id, owner.id, n).await);
            }
            request = TaskPageRequest { cursor: Some(cursor), ..pages_of(3) };
        }
        seen.retain(|id| standing.contains(id));
        assert_eq!(seen, expected, "{sort}");
    }
}

fn ids(page: TaskPage) -> Vec<TaskId> {
    page.items.into_iter().map(|view| view.task.id).collect()
}

/// `Ok(None)` for a project that doesn't exist.
pub(super) async fn lists_without_tasks_are_empty_in_every_order(ports: &Ports) {
    let (project, owner) = given::project_with_owner(ports).await;
    given::task(ports, given::project_with_owner(ports).await.0.id).await;
    let user = given::user(ports).await.id;
    for sort in every_sort() {
        let (query, request) = (sorted(sort), pages_of(3));
        let in_project = ports.tasks.list_in_project(project.id, owner.id, query.clone(), request.clone()).await;
        let pages = [
            in_project.unwrap().unwrap().page,
            ports.tasks.list_assigned(owner.id, query.clone(), request.clone()).await.unwrap(),
            ports.tasks.list_visible(owner.id, false, query.clone(), request.clone()).await.unwrap(),
            ports.tasks.list_visible(user, false, query.clone(), request.clone()).await.unwrap(),
        ];
        for page in pages {
            assert_eq!((page.items, page.next), (vec![], None), "{sort}");
        }
        let unknown = ports.tasks.list_in_project(ProjectId::new(i64::MAX), owner.id, query, request).await;
        assert_eq!(unknown.unwrap(), None, "{sort}");
    }
}

/// Tasks that are equal in an order come by ascending id, both ways.
pub(super) async fn equal_tasks_come_by_ascending_id_both_ways(ports: &Ports) {
    let (project, _) = given::project_with_owner(ports).await;
    let mut expected = Vec::new();
    for n in 0..7 {
        let like = |task| NewTask { due: (n < 4).then(|| due("2026-12-01")), status: TaskStatus::Done, ..task };
        expected.push(given::task_with(ports, project.id, like).await.id);
    }
    for sort in every_sort().filter(|sort| !matches!(sort.order, TaskOrder::Id | TaskOrder::Position)) {
        let (mut seen, mut request) = (Vec::new(), pages_of(2));
        loop {
            let listed = ports.tasks.list_in_project(project.id, NOBODY, sorted(sort), request).await;
            let page = listed.unwrap().unwrap().page;
            request = TaskPageRequest { cursor: page.next.clone(), ..pages_of(2) };
            seen.extend(ids(page));
            if request.cursor.is_none() {
                break;
            }
        }
        assert_eq!(seen, expected, "{sort}");
    }
}
