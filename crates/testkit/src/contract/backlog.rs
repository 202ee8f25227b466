//! How much waits, in the outbox and in the queue of jobs.

use crate::{
    Ports,
    builders::{MOMENT, after, new_user},
};
use fasttrack_domain::{
    job::WorkerId,
    patch::Patch,
    ports::{
        job::{Failure, Places, Tally},
        outbox::Backlog,
    },
    task::TaskPatch,
    user::NewUser,
};
use std::sync::Arc;

/// One of the events of a change, and those of a change a minute later.
pub async fn events_that_wait_are_counted_with_the_moment_of_the_oldest(ports: &Ports) {
    let (project, owner) = ports.given_projects_owner().await;
    let other = ports.given_user().await;
    ports.dispatch(Arc::new([]), 100).await;
    assert_eq!(ports.outbox.backlog(100).await.unwrap(), Backlog::default());

    let task = ports.given_task(project.id).await;
    let first = ports.outbox.backlog(100).await.unwrap();
    assert_eq!((first.waiting_since, first.set_aside), (Some(MOMENT), 0));
    assert!(first.waiting > 0);

    let found = ports.tasks.find(task.id).await.unwrap().unwrap();
    let patch = TaskPatch { assignee_id: Patch::Set(other.id), ..TaskPatch::default() };
    let change = found.apply(patch, owner.id, after(1)).unwrap().unwrap();
    ports.tasks.save(change).await.unwrap().unwrap();
    let both = ports.outbox.backlog(100).await.unwrap();
    assert_eq!(both.waiting_since, Some(MOMENT));
    assert!(both.waiting > first.waiting);

    let limit = usize::try_from(first.waiting).unwrap();
    ports.outbox.dispatch(Arc::new([]), limit).await.unwrap();
    let rest = Backlog { waiting: both.waiting - first.waiting, waiting_since: Some(after(1)), set_aside: 0 };
    assert_eq!(ports.outbox.backlog(100).await.unwrap(), rest);
}

/// However many there are.
pub async fn no_more_events_are_counted_than_asked_for(ports: &Ports) {
    let (project, _) = ports.given_projects_owner().await;
    for _ in 0..3 {
        ports.given_task(project.id).await;
    }
    let backlog = ports.outbox.backlog(2).await.unwrap();
    assert_eq!((backlog.waiting, backlog.waiting_since), (2, Some(MOMENT)));
}

/// A job waits for its time, or for a worker, is being done, or was given up.
pub async fn jobs_are_counted_by_their_state_with_the_moment_of_the_one_that_is_due_longest(ports: &Ports) {
    assert_eq!(ports.jobs.tally(MOMENT, 100).await.unwrap(), Tally::default());
    for minutes in [1, 1, 2, 3, 9] {
        ports.users.create(NewUser { email_verified: false, created_at: after(minutes), ..new_user() }).await.unwrap();
    }
    let tally = async |minutes| ports.jobs.tally(after(minutes), 100).await.unwrap();
    let waiting = Tally { queued: 5, ..Tally::default() };
    assert_eq!(tally(0).await, waiting);
    assert_eq!(tally(5).await, Tally { due_since: Some(after(1)), ..waiting });

    let worker = || WorkerId::new("worker".to_owned());
    let leased = ports.jobs.lease(worker(), after(5), after(6), Places::any(2)).await.unwrap();
    let given_up = Failure { error: "no such address".to_owned(), at: after(5), retry_at: None };
    ports.jobs.fail(leased[0].id, worker(), given_up).await.unwrap();
    let begun = Tally { queued: 3, running: 1, dead: 1, due_since: Some(after(2)) };
    assert_eq!(tally(5).await, begun);
    // Its worker is gone.
    assert_eq!(tally(6).await, Tally { queued: 4, running: 0, due_since: Some(after(1)), ..begun });
}

/// However many there are.
pub async fn no_more_jobs_are_counted_than_asked_for(ports: &Ports) {
    for _ in 0..3 {
        ports.users.create(NewUser { email_verified: false, ..new_user() }).await.unwrap();
    }
    let tally = ports.jobs.tally(after(1), 2).await.unwrap();
    assert_eq!((tally.queued, tally.due_since), (2, Some(MOMENT)));
}
