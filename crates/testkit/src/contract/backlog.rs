//! How many events wait in the outbox.

use super::dispatch_all;
use crate::{
    builders::{MOMENT, NOBODY, after},
    given,
};
use fasttrack_domain::{
    patch::Patch,
    ports::{
        outbox::{Backlog, Outbox},
        project::ProjectRepository,
        task::TaskRepository,
        user::UserRepository,
    },
    task::TaskPatch,
};
use std::sync::Arc;

contract! { $
    backlog { users: UserRepository, projects: ProjectRepository, tasks: TaskRepository, outbox: Outbox }
    pending_events_are_counted_with_the_oldest_moment,
    event_counts_stop_at_the_limit,
}

async fn pending_events_are_counted_with_the_oldest_moment(ports: &Ports) {
    let (project, owner) = given::project_with_owner(ports).await;
    let other = given::user(ports).await;
    dispatch_all(ports, Arc::new([]), 100).await;
    assert_eq!(ports.outbox.backlog(100).await.unwrap(), Backlog::default());

    let task = given::task(ports, project.id).await;
    let first = ports.outbox.backlog(100).await.unwrap();
    assert_eq!((first.waiting_since, first.set_aside), (Some(MOMENT), 0));
    assert!(first.waiting > 0);

    let found = ports.tasks.find(task.id, NOBODY).await.unwrap().unwrap();
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

async fn event_counts_stop_at_the_limit(ports: &Ports) {
    let (project, _) = given::project_with_owner(ports).await;
    for _ in 0..3 {
        given::task(ports, project.id).await;
    }
    let backlog = ports.outbox.backlog(2).await.unwrap();
    assert_eq!((backlog.waiting, backlog.waiting_since), (2, Some(MOMENT)));
}
