//! Projects, tasks and comments of an erased account.

use super::shared::{Ports, erase, find, given_assigned};
use crate::{
    builders::{MOMENT, NOBODY, after, new_task, title},
    contract::{conflict, dispatch_all, recording, simultaneously},
    given,
};
use fasttrack_domain::{
    comment::CommentView,
    page::PageRequest,
    patch::Patch,
    person::Person,
    ports::{constraint, erasure::Begun},
    project::NewProject,
    task::{NewTask, Task, TaskPageRequest, TaskPatch, TaskQuery},
};
use std::sync::Arc;

/// Its Inbox, too. Projects of others stay.
pub(super) async fn own_projects_are_deleted_with_what_is_in_them(ports: &Ports) {
    let (project, owner) = given::project_with_owner(ports).await;
    let inbox = ports.projects.create_inbox(NewProject::inbox(owner.id, MOMENT)).await.unwrap();
    let (foreign, other) = given::project_with_owner(ports).await;
    let mut gone = Vec::new();
    for project in [project.id, inbox.id] {
        let task = given_assigned(ports, project, other.id).await.id;
        gone.push((task, given::comment(ports, task, other.id).await.id));
    }
    let kept = given::task(ports, foreign.id).await;
    erase(ports, &owner, None).await;
    for project in [project.id, inbox.id] {
        assert_eq!(ports.projects.find(project, NOBODY).await.unwrap(), None);
    }
    for (task, comment) in gone {
        assert_eq!(find(ports, task).await, None);
        assert_eq!(ports.comments.find(comment).await.unwrap(), None);
    }
    let first = TaskPageRequest::default();
    let assigned = ports.tasks.list_assigned(other.id, TaskQuery::default(), first).await.unwrap();
    assert_eq!(assigned.items, []);
    assert_eq!(find(ports, kept.id).await.map(|found| found.task), Some(kept));
}

pub(super) async fn passed_on_projects_keep_their_tasks_and_comments(ports: &Ports) {
    let (project, owner) = given::project_with_owner(ports).await;
    let receiver = given::user(ports).await;
    let task = given::task(ports, project.id).await;
    let comment = given::comment(ports, task.id, owner.id).await;
    erase(ports, &owner, Some(receiver.id)).await;
    let found = find(ports, task.id).await.unwrap();
    assert_eq!((found.task, found.project.owner_id), (task, receiver.id));
    assert_eq!(ports.comments.find(comment.id).await.unwrap().map(|found| found.comment), Some(comment));
}

/// They go to the receiver, or end without one. Each task gets a new version, no event but that of the change feed, and its later time
/// stays.
pub(super) async fn assignments_end_or_are_passed_on(ports: &Ports) {
    let (project, _) = given::project_with_owner(ports).await;
    for has_receiver in [false, true] {
        let (user, other) = (given::user(ports).await, given::user(ports).await);
        let receiver = given::user(ports).await;
        let (early, late) =
            (given_assigned(ports, project.id, user.id).await, given_assigned(ports, project.id, user.id).await);
        let others = [given_assigned(ports, project.id, other.id).await, given::task(ports, project.id).await];
        let found = find(ports, late.id).await.unwrap();
        let renamed = TaskPatch { title: Some(title("Later")), ..TaskPatch::default() };
        let change = found.apply(renamed, project.owner_id, after(9)).unwrap().unwrap();
        let late = ports.tasks.save(change).await.unwrap().unwrap();
        dispatch_all(ports, Arc::new([]), 100).await;

        erase(ports, &user, has_receiver.then_some(receiver.id)).await;
        let assignee = has_receiver.then(|| receiver.person());
        for (before, updated_at) in [(early, after(5)), (late, after(9))] {
            let assignee_id = assignee.as_ref().map(|person| person.id);
            let expected = Task { assignee_id, updated_at, version: before.version + 1, ..before };
            let found = find(ports, expected.id).await.unwrap();
            assert_eq!((found.task, &found.assignee), (expected, &assignee));
        }
        for before in others {
            assert_eq!(find(ports, before.id).await.map(|found| found.task), Some(before));
        }
        let (subscribers, recorded) = recording();
        dispatch_all(ports, subscribers, 100).await;
        assert_eq!(recorded(), []);
    }
}

/// It was deactivated or erased after the first commit.
pub(super) async fn assignments_end_where_the_receiver_is_gone_by_then(ports: &Ports) {
    let (project, _) = given::project_with_owner(ports).await;
    for is_erased in [false, true] {
        let (user, receiver) = (given::user(ports).await, given::user(ports).await);
        let task = given_assigned(ports, project.id, user.id).await;
        let erasure = given::erasure(ports, &user, Some(receiver.id)).await;
        if is_erased {
            given::erasure(ports, &receiver, None).await;
        } else {
            given::deactivated(ports, &receiver).await;
        }
        given::all_portions(ports, &erasure).await;
        let found = find(ports, task.id).await.unwrap();
        assert_eq!((found.task.assignee_id, found.task.version), (None, 2));
    }
}

/// `Conflict` with `REFERENCE` from the first commit on, for a new task and for a change.
pub(super) async fn no_task_is_assigned_to_an_erased_user(ports: &Ports) {
    let (project, owner) = given::project_with_owner(ports).await;
    let (user, task) = (given::user(ports).await, given::task(ports, project.id).await);
    let found = find(ports, task.id).await.unwrap();
    let patch = TaskPatch { assignee_id: Patch::Set(user.id), ..TaskPatch::default() };
    let change = found.apply(patch, owner.id, after(6)).unwrap().unwrap();
    let erasure = given::erasure(ports, &user, None).await;
    for _ in 0..2 {
        let new = NewTask { assignee_id: Some(user.id), ..new_task(&found.project) };
        assert_eq!(conflict(ports.tasks.create(new, None).await), constraint::REFERENCE);
        assert_eq!(conflict(ports.tasks.save(change.clone()).await), constraint::REFERENCE);
        given::all_portions(ports, &erasure).await;
    }
    assert_eq!(find(ports, task.id).await, Some(found));
}

/// An assignment comes first and ends, or is refused.
pub(super) async fn no_assignment_outlives_an_erasure_at_the_same_time(ports: &Ports) {
    let (project, _) = given::project_with_owner(ports).await;
    for _ in 0..10 {
        let (user, task) = (given::user(ports).await, given::task(ports, project.id).await);
        let found = find(ports, task.id).await.unwrap();
        let patch = TaskPatch { assignee_id: Patch::Set(user.id), ..TaskPatch::default() };
        let change = found.apply(patch, project.owner_id, after(4)).unwrap().unwrap();
        let new = user.erase(None, after(5));
        simultaneously(3, |n| {
            let (ports, change, new) = (ports.clone(), change.clone(), new.clone());
            let assigned = NewTask { assignee_id: Some(user.id), ..new_task(&found.project) };
            async move {
                if n == 0 {
                    let begun = ports.erasures.begin(new).await.unwrap();
                    assert!(matches!(begun, Begun::Erased(_)), "{begun:?}");
                    return;
                }
                let result = if n == 1 {
                    ports.tasks.save(change).await.map(|saved| saved.is_some())
                } else {
                    ports.tasks.create(assigned, None).await.map(|_| true)
                };
                match result {
                    Ok(is_done) => assert!(is_done),
                    refused => assert_eq!(conflict(refused), constraint::REFERENCE),
                }
            }
        })
        .await;
        given::all_portions(ports, &new.erasure).await;
        let first = TaskPageRequest::default();
        let left = ports.tasks.list_assigned(user.id, TaskQuery::default(), first).await.unwrap();
        assert_eq!(left.items, []);
        assert_eq!(find(ports, task.id).await.unwrap().task.assignee_id, None);
    }
}

/// Under the name of deleted users, from the first commit on.
pub(super) async fn comments_on_tasks_of_others_stay(ports: &Ports) {
    let (project, owner) = given::project_with_owner(ports).await;
    let (user, task) = (given::user(ports).await, given::task(ports, project.id).await);
    let first = given::comment(ports, task.id, user.id).await;
    let second = given::comment(ports, task.id, owner.id).await;
    let erasure = given::erasure(ports, &user, None).await;
    let expected = [
        CommentView { comment: first, author: Person::deleted(user.id) },
        CommentView { comment: second, author: owner.person() },
    ];
    for _ in 0..2 {
        let listed = ports.comments.list_on_task(task.id, owner.id, PageRequest::default()).await.unwrap();
        assert_eq!(listed.unwrap().page.items, expected);
        given::all_portions(ports, &erasure).await;
    }
}
