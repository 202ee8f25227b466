//! The queries that write the change feed, and those that delete old rows of it.

use fasttrack_domain::{
    membership::MemberRole,
    ports::Repositories,
    task::{NewTask, TaskProject},
};
use fasttrack_testkit::builders::{MOMENT, NOBODY, after, new_comment, new_project, new_task, new_user};
use std::sync::Arc;

/// Deletes a task with a comment, and a project, and what the feed has of them.
pub async fn call(repositories: &Repositories) {
    let Repositories { users, projects, tasks, comments, outbox, changes, .. } = repositories;
    let owner = users.create(new_user()).await.unwrap().id;
    let outsider = users.create(new_user()).await.unwrap().id;
    let project = projects.create(new_project(owner), None).await.unwrap();
    let within = TaskProject::new(project.clone(), Some(MemberRole::Owner));
    let task = tasks.create(NewTask { assignee_id: Some(outsider), ..new_task(&within) }, None).await.unwrap();
    let found = tasks.find(task.id, NOBODY).await.unwrap().unwrap();
    comments.create(new_comment(&found, owner), None).await.unwrap();
    while outbox.dispatch(Arc::new([]), 100).await.unwrap().more {}
    assert!(tasks.delete(found.remove(owner, MOMENT)).await.unwrap());
    assert!(projects.delete(project.id, project.version, MOMENT, None).await.unwrap());
    while outbox.dispatch(Arc::new([]), 100).await.unwrap().more {}
    assert!(changes.prune(after(1), 100).await.unwrap() > 3);
}
