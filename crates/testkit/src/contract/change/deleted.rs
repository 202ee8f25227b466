//! Things that don't exist any more.

use super::shared::{Follower, Ports, delete_task, gone, put, put_member, put_project, put_task, reader};
use crate::{
    builders::{MOMENT, comment_removal, member_removal},
    given,
};
use fasttrack_domain::{
    change::{DeleteReason, ThingKind},
    membership::{GrantedRole, MemberRole},
};

fn deleted(kind: ThingKind, id: i64) -> String {
    gone(DeleteReason::Deleted, kind, id)
}

/// The end of a membership is one for the other members.
pub(super) async fn deleted_things_of_every_kind_are_shown(ports: &Ports) {
    let (project, owner) = given::project_with_owner(ports).await;
    let label = given::label(ports, project.id).await.id;
    let (task, kept) = (given::task(ports, project.id).await.id, given::task(ports, project.id).await.id);
    let comment = given::comment(ports, kept, owner.id).await.id;
    let viewer = given::member(ports, &project, GrantedRole::Viewer).await.id;
    let mut follower = Follower::at_end(ports, reader(owner.id)).await;
    assert!(ports.labels.delete(label, MOMENT, None).await.unwrap());
    assert!(ports.comments.delete(comment_removal(comment)).await.unwrap());
    delete_task(ports, task).await;
    assert!(ports.members.remove(member_removal(project.id, viewer, MemberRole::Viewer)).await.unwrap());
    let expected = [
        deleted(ThingKind::Label, label.get()),
        deleted(ThingKind::Comment, comment.get()),
        deleted(ThingKind::Task, task.get()),
        deleted(ThingKind::Member, viewer.get()),
    ];
    assert_eq!(follower.lines(ports).await, expected);
    assert_eq!(follower.lines(ports).await, [] as [String; 0]);
}

/// Those of others stay.
pub(super) async fn a_deleted_task_stands_for_its_comments(ports: &Ports) {
    let (project, owner) = given::project_with_owner(ports).await;
    let (task, other) = (given::task(ports, project.id).await.id, given::task(ports, project.id).await.id);
    let former = given::comment(ports, task, owner.id).await.id;
    let mut follower = Follower::at_end(ports, reader(owner.id)).await;
    given::comment(ports, task, owner.id).await;
    assert!(ports.comments.delete(comment_removal(former)).await.unwrap());
    let comment = given::comment(ports, other, owner.id).await.id;
    delete_task(ports, task).await;
    let expected = [put(ThingKind::Comment, comment.get()), deleted(ThingKind::Task, task.get())];
    assert_eq!(follower.lines(ports).await, expected);
}

/// Who left a project and came back between two pages may still have what was deleted in between, and loses it all first.
pub(super) async fn what_was_deleted_meanwhile_goes_after_a_return(ports: &Ports) {
    let (project, owner) = given::project_with_owner(ports).await;
    let (task, kept) = (given::task(ports, project.id).await.id, given::task(ports, project.id).await.id);
    let viewer = given::member(ports, &project, GrantedRole::Viewer).await.id;
    let mut follower = Follower::at_end(ports, reader(viewer)).await;
    assert!(ports.members.remove(member_removal(project.id, viewer, MemberRole::Viewer)).await.unwrap());
    delete_task(ports, task).await;
    given::membership(ports, &project, viewer, GrantedRole::Viewer).await;
    let expected = [
        gone(DeleteReason::Access, ThingKind::Project, project.id.get()),
        put_project(project.id),
        put_member(owner.id),
        put_member(viewer),
        put_task(kept),
    ];
    assert_eq!(follower.lines(ports).await, expected);
}
