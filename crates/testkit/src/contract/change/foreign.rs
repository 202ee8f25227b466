//! Tasks that a reader sees by their assignment alone.

use super::shared::{Follower, Ports, assign, delete_task, dispatched, gone, put, put_task, reader, rename};
use crate::{builders::comment_removal, given};
use fasttrack_domain::change::{DeleteReason, ThingKind};

/// It brings its comments, and takes them with it.
pub(super) async fn a_foreign_task_comes_and_goes_with_its_assignment(ports: &Ports) {
    let (project, owner) = given::project_with_owner(ports).await;
    let user = given::user(ports).await.id;
    let task = given::task(ports, project.id).await.id;
    let comments = [given::comment(ports, task, owner.id).await.id, given::comment(ports, task, owner.id).await.id];
    let mut follower = Follower::at_end(ports, reader(user)).await;
    assign(ports, task, Some(user)).await;
    let mut expected = vec![put_task(task)];
    expected.extend(comments.map(|id| put(ThingKind::Comment, id.get())));
    let before = follower.position;
    for limit in [1, 2, 100] {
        let mut follower = Follower { reader: reader(user), position: before, limit };
        assert_eq!(follower.lines(ports).await, expected, "{limit}");
    }
    assert_eq!(follower.lines(ports).await, expected);
    assign(ports, task, None).await;
    assert_eq!(follower.lines(ports).await, [gone(DeleteReason::Access, ThingKind::Task, task.get())]);
    rename(ports, task, "Weed").await;
    assert_eq!(follower.lines(ports).await, [] as [String; 0]);
}

/// Until its deletion.
pub(super) async fn changes_of_a_foreign_task_are_shown(ports: &Ports) {
    let (project, owner) = given::project_with_owner(ports).await;
    let user = given::user(ports).await.id;
    let task = given::task(ports, project.id).await.id;
    assign(ports, task, Some(user)).await;
    given::task(ports, project.id).await;
    let mut follower = Follower::at_end(ports, reader(user)).await;
    let comment = given::comment(ports, task, owner.id).await.id;
    assert_eq!(follower.lines(ports).await, [put(ThingKind::Comment, comment.get())]);
    rename(ports, task, "Weed").await;
    assert_eq!(follower.lines(ports).await, [put_task(task), put(ThingKind::Comment, comment.get())]);
    assert!(ports.comments.delete(comment_removal(comment)).await.unwrap());
    assert_eq!(follower.lines(ports).await, [gone(DeleteReason::Deleted, ThingKind::Comment, comment.get())]);
    delete_task(ports, task).await;
    assert_eq!(follower.lines(ports).await, [gone(DeleteReason::Deleted, ThingKind::Task, task.get())]);
}

/// The reader may still have it from the first assignment.
pub(super) async fn a_comment_deleted_between_assignments_is_shown(ports: &Ports) {
    let (project, owner) = given::project_with_owner(ports).await;
    let user = given::user(ports).await.id;
    let task = given::task(ports, project.id).await.id;
    let (kept, deleted) =
        (given::comment(ports, task, owner.id).await.id, given::comment(ports, task, owner.id).await.id);
    assign(ports, task, Some(user)).await;
    let mut follower = Follower::at_end(ports, reader(user)).await;
    assign(ports, task, None).await;
    dispatched(ports).await;
    assert!(ports.comments.delete(comment_removal(deleted)).await.unwrap());
    dispatched(ports).await;
    assign(ports, task, Some(user)).await;
    let expected = [
        put_task(task),
        put(ThingKind::Comment, kept.get()),
        gone(DeleteReason::Deleted, ThingKind::Comment, deleted.get()),
    ];
    assert_eq!(follower.lines(ports).await, expected);
}
