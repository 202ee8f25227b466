//! Walking the pages of a list while rows come and go.

use crate::{
    Ports,
    builders::{after, new_project, new_task},
};
use fasttrack_domain::{
    id::{CommentId, ProjectId, TaskId, UserId},
    page::{Cursor, Limit, Page, PageRequest},
    project::ProjectFilter,
    task::{NewTask, TaskFilter},
    user::{UserFilter, UserPatch},
};
use std::{
    collections::BTreeSet,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

/// Pages of three rows.
fn first_page() -> PageRequest {
    PageRequest { limit: Limit::new(3).unwrap(), cursor: None }
}

/// Twelve rows to begin with. After each page one that wasn't seen yet goes and a new one comes; after every second
/// one the last row of the page goes too, behind which the next begins.
async fn walk_while_rows_come_and_go(
    fetch: impl AsyncFn(PageRequest) -> Page<i64>,
    insert: impl AsyncFn() -> i64,
    remove: impl AsyncFn(i64),
) {
    let mut standing = BTreeSet::new();
    for _ in 0..12 {
        standing.insert(insert().await);
    }
    let mut unseen = standing.clone();
    let (mut seen, mut request, mut gone_unseen) = (Vec::new(), first_page(), Vec::new());
    loop {
        let page = fetch(request).await;
        seen.extend(page.items);
        let Some(cursor) = page.next else { break };
        assert_eq!(seen.last(), Some(&cursor.id()), "a page begins behind the last row of the one before");
        unseen = unseen.split_off(&(cursor.id() + 1));
        let ahead = unseen.iter().nth(1).copied();
        gone_unseen.extend(ahead);
        let last = (seen.len() % 2 == 0).then_some(cursor.id());
        for gone in ahead.into_iter().chain(last) {
            standing.remove(&gone);
            unseen.remove(&gone);
            remove(gone).await;
        }
        insert().await;
        request.cursor = Some(cursor);
    }
    assert!(seen.is_sorted_by(|a, b| a < b), "ascending, none twice: {seen:?}");
    assert!(standing.iter().all(|id| seen.contains(id)), "{standing:?} stood throughout, seen: {seen:?}");
    assert!(!gone_unseen.is_empty() && gone_unseen.iter().all(|id| !seen.contains(id)), "{gone_unseen:?}");
}

/// A following page is announced exactly where there is one.
pub async fn a_page_that_takes_the_last_row_is_the_last(ports: &Ports) {
    let owner = ports.given_user().await;
    let page = async |request| ports.projects.list(ProjectFilter::default(), request).await.unwrap();
    assert_eq!(page(first_page()).await, Page { items: vec![], next: None });
    let mut rows = Vec::new();
    for _ in 0..6 {
        rows.push(ports.given_project(owner.id).await);
    }
    let first = page(first_page()).await;
    assert_eq!((&first.items[..], first.next), (&rows[..3], Some(Cursor::after(rows[2].id.get()))));
    let second = page(PageRequest { cursor: first.next, ..first_page() }).await;
    assert_eq!((&second.items[..], second.next), (&rows[3..], None));
    let beyond = page(PageRequest { cursor: Some(Cursor::after(i64::MAX)), ..first_page() }).await;
    assert_eq!(beyond, Page { items: vec![], next: None });
}

/// Users aren't deleted; they leave the list of the active.
pub async fn users_are_walked_while_rows_come_and_go(ports: &Ports) {
    let active = UserFilter { is_active: Some(true), ..UserFilter::default() };
    walk_while_rows_come_and_go(
        async |request| ports.users.list(active.clone(), request).await.unwrap().map(|user| user.id.get()),
        async || ports.given_user().await.id.get(),
        async |id| {
            let user = ports.users.find(UserId::new(id)).await.unwrap().unwrap();
            let patch = UserPatch { is_active: Some(false), ..UserPatch::default() };
            ports.users.save(user.apply(patch, after(1)).unwrap(), None).await.unwrap().unwrap();
        },
    )
    .await;
}

/// Those of one owner, between those of another.
pub async fn projects_are_walked_while_rows_come_and_go(ports: &Ports) {
    let (owner, other) = (ports.given_user().await, ports.given_user().await);
    let own = ProjectFilter { owner_id: Some(owner.id), ..ProjectFilter::default() };
    walk_while_rows_come_and_go(
        async |request| ports.projects.list(own.clone(), request).await.unwrap().map(|project| project.id.get()),
        async || {
            ports.given_project(other.id).await;
            ports.given_project(owner.id).await.id.get()
        },
        async |id| assert!(ports.projects.delete(ProjectId::new(id), 1, None).await.unwrap()),
    )
    .await;
}

async fn delete_task(ports: &Ports, id: i64) {
    let found = ports.tasks.find(TaskId::new(id)).await.unwrap().unwrap();
    assert!(ports.tasks.delete(found.remove(found.project.owner_id, after(1))).await.unwrap());
}

/// Between those of another project.
pub async fn tasks_of_a_project_are_walked_while_rows_come_and_go(ports: &Ports) {
    let (project, owner) = ports.given_projects_owner().await;
    let other = ports.given_project(owner.id).await;
    walk_while_rows_come_and_go(
        async |request| {
            let listed = ports.tasks.list_in_project(project.id, TaskFilter::default(), request).await;
            listed.unwrap().unwrap().page.map(|task| task.id.get())
        },
        async || {
            ports.given_task(other.id).await;
            ports.given_task(project.id).await.id.get()
        },
        async |id| delete_task(ports, id).await,
    )
    .await;
}

/// Between those that nobody works on.
pub async fn assigned_tasks_are_walked_while_rows_come_and_go(ports: &Ports) {
    let (project, owner) = ports.given_projects_owner().await;
    walk_while_rows_come_and_go(
        async |request| {
            let listed = ports.tasks.list_assigned(owner.id, TaskFilter::default(), request).await;
            listed.unwrap().map(|task| task.id.get())
        },
        async || {
            ports.given_task(project.id).await;
            let mine = |task| NewTask { assignee_id: Some(owner.id), ..task };
            ports.given_task_like(project.id, mine).await.id.get()
        },
        async |id| delete_task(ports, id).await,
    )
    .await;
}

/// Between those on another task.
pub async fn comments_are_walked_while_rows_come_and_go(ports: &Ports) {
    let (project, owner) = ports.given_projects_owner().await;
    let (task, other) = (ports.given_task(project.id).await, ports.given_task(project.id).await);
    walk_while_rows_come_and_go(
        async |request| {
            let listed = ports.comments.list_on_task(task.id, request).await.unwrap().unwrap();
            listed.page.map(|comment| comment.id.get())
        },
        async || {
            ports.given_comment(other.id, owner.id).await;
            ports.given_comment(task.id, owner.id).await.id.get()
        },
        async |id| assert!(ports.comments.delete(CommentId::new(id), None).await.unwrap()),
    )
    .await;
}

/// The same without a plan: somebody else makes and deletes rows all the time.
pub async fn pages_are_walked_while_others_write(ports: &Ports) {
    let (project, owner) = ports.given_projects_owner().await;
    let seen_project = ports.tasks.find_project(project.id).await.unwrap().unwrap();
    let mut standing = BTreeSet::new();
    let mut passing = Vec::new();
    for _ in 0..15 {
        standing.insert(ports.given_task(project.id).await.id);
        passing.push(ports.given_task(project.id).await.id);
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
        let (mut seen, mut request) = (Vec::new(), first_page());
        loop {
            let listed = ports.tasks.list_in_project(project.id, TaskFilter::default(), request).await;
            let page = listed.unwrap().unwrap().page;
            seen.extend(page.items.into_iter().map(|task| task.id));
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
