//! Projects that a reader gains and loses.

use super::shared::{
    Follower, Ports, delete_task, dispatched, gone, line, put_member, put_project, put_task, read, reader,
};
use crate::{
    builders::{after, member_removal, new_member},
    given,
};
use fasttrack_domain::{
    change::{DeleteReason, FeedContent, ThingKind},
    id::ProjectId,
    membership::{GrantedRole, MemberChange, MemberRole},
};

fn lost(project: ProjectId) -> String {
    gone(DeleteReason::Access, ThingKind::Project, project.get())
}

/// What changes in a project before it is gained isn't shown twice.
pub(super) async fn a_gained_project_is_listed_and_a_lost_one_is_one_change(ports: &Ports) {
    let (project, owner) = given::project_with_owner(ports).await;
    let user = given::user(ports).await.id;
    let mut follower = Follower::at_end(ports, reader(user)).await;
    let task = given::task(ports, project.id).await.id;
    assert_eq!(follower.lines(ports).await, [] as [String; 0]);
    given::membership(ports, &project, user, GrantedRole::Editor).await;
    let later = given::task(ports, project.id).await.id;
    let listed = [put_project(project.id), put_member(owner.id), put_member(user), put_task(task), put_task(later)];
    assert_eq!(follower.lines(ports).await, listed);
    let last = given::task(ports, project.id).await.id;
    assert_eq!(follower.lines(ports).await, [put_task(last)]);

    given::task(ports, project.id).await;
    assert!(ports.members.remove(member_removal(project.id, user, MemberRole::Editor)).await.unwrap());
    assert_eq!(follower.lines(ports).await, [lost(project.id)]);
    given::task(ports, project.id).await;
    assert_eq!(follower.lines(ports).await, [] as [String; 0]);
}

/// Whatever was read between the loss and its dispatch: the listing alone wouldn't say what was deleted before.
pub(super) async fn a_project_lost_and_gained_again_is_both(ports: &Ports) {
    let (project, owner) = given::project_with_owner(ports).await;
    let user = given::member(ports, &project, GrantedRole::Editor).await.id;
    let other = given::project(ports, user).await.id;
    let [kept, deleted] = [given::task(ports, project.id).await.id, given::task(ports, project.id).await.id];
    let mut follower = Follower::at_end(ports, reader(user)).await;
    delete_task(ports, deleted).await;
    dispatched(ports).await;
    assert!(ports.members.remove(member_removal(project.id, user, MemberRole::Editor)).await.unwrap());
    let page = read(ports, &follower.reader, follower.position, 10).await.unwrap();
    assert_eq!(page.changes, []);
    follower.position = Some(page.next);
    let between = given::task(ports, other).await.id;
    given::membership(ports, &project, user, GrantedRole::Editor).await;
    let listed = [put_project(project.id), put_member(owner.id), put_member(user), put_task(kept)];
    follower.limit = 1;
    assert_eq!(follower.lines(ports).await, [&[lost(project.id), put_task(between)], &listed[..]].concat());

    // Also where the loss is read when the gain has no number yet.
    delete_task(ports, between).await;
    delete_task(ports, kept).await;
    assert!(ports.members.remove(member_removal(project.id, user, MemberRole::Editor)).await.unwrap());
    dispatched(ports).await;
    given::membership(ports, &project, user, GrantedRole::Editor).await;
    let page = read(ports, &follower.reader, follower.position, 10).await.unwrap();
    follower.position = Some(page.next);
    let gone_between = gone(DeleteReason::Deleted, ThingKind::Task, between.get());
    assert_eq!(page.changes.iter().map(line).collect::<Vec<_>>(), [gone_between, lost(project.id)]);
    let listed = [put_project(project.id), put_member(owner.id), put_member(user)];
    assert_eq!(follower.lines(ports).await, listed);

    // Once the loss has been read, the gain alone is shown.
    assert!(ports.members.remove(member_removal(project.id, user, MemberRole::Editor)).await.unwrap());
    assert_eq!(follower.lines(ports).await, [lost(project.id)]);
    given::membership(ports, &project, user, GrantedRole::Editor).await;
    assert_eq!(follower.lines(ports).await, listed);
}

/// Nothing is listed that the reader doesn't see any more.
pub(super) async fn a_lost_project_ends_its_listing(ports: &Ports) {
    let (project, _) = given::project_with_owner(ports).await;
    given::task(ports, project.id).await;
    let user = given::user(ports).await.id;
    let mut follower = Follower::at_end(ports, reader(user)).await;
    given::membership(ports, &project, user, GrantedRole::Editor).await;
    dispatched(ports).await;
    let page = read(ports, &follower.reader, follower.position, 2).await.unwrap();
    assert_eq!(page.changes.iter().map(line).next(), Some(put_project(project.id)));
    assert!(page.has_more);
    assert!(ports.members.remove(member_removal(project.id, user, MemberRole::Editor)).await.unwrap());
    follower.position = Some(page.next);
    assert_eq!(follower.lines(ports).await, [lost(project.id)]);
}

/// For everybody else it is none.
pub(super) async fn a_deleted_project_is_one_change_for_its_members(ports: &Ports) {
    let (project, owner) = given::project_with_owner(ports).await;
    let (user, stranger) = (given::member(ports, &project, GrantedRole::Viewer).await.id, given::user(ports).await.id);
    let admin = given::admin(ports).await.id;
    let task = given::task(ports, project.id).await.id;
    given::comment(ports, task, owner.id).await;
    let mut followers = Vec::new();
    for id in [owner.id, user, admin, stranger] {
        let mut reader = reader(id);
        reader.sees_all = id == admin;
        followers.push(Follower::at_end(ports, reader).await);
    }
    given::task(ports, project.id).await;
    assert!(ports.projects.delete(project.id, project.version, after(1), None).await.unwrap());
    let deleted = gone(DeleteReason::Deleted, ThingKind::Project, project.id.get());
    for follower in &mut followers {
        let expected = if follower.reader.id == stranger { Vec::new() } else { vec![deleted.clone()] };
        assert_eq!(follower.lines(ports).await, expected);
    }
}

/// The project has the role, too.
pub(super) async fn another_role_puts_project_and_member(ports: &Ports) {
    let (project, owner) = given::project_with_owner(ports).await;
    let user = given::member(ports, &project, GrantedRole::Viewer).await.id;
    let mut followers = [Follower::at_end(ports, reader(user)).await, Follower::at_end(ports, reader(owner.id)).await];
    let change = MemberChange { before: Some(MemberRole::Viewer), ..new_member(&project, user, GrantedRole::Editor) };
    ports.members.put(change).await.unwrap().unwrap();
    for (follower, role) in followers.iter_mut().zip([MemberRole::Editor, MemberRole::Owner]) {
        let changes = follower.next(ports).await;
        assert_eq!(changes.iter().map(line).collect::<Vec<_>>(), [put_project(project.id), put_member(user)]);
        let FeedContent::Project(view) = &changes[0].content else { panic!("{changes:?}") };
        assert_eq!(view.membership, Some(role));
    }
}

/// As the addresses of members are for owners.
pub(super) async fn a_transfer_shows_both_owners_the_project_anew(ports: &Ports) {
    let (project, owner) = given::project_with_owner(ports).await;
    let next = given::member(ports, &project, GrantedRole::Viewer).await.id;
    let mut followers = [Follower::at_end(ports, reader(next)).await, Follower::at_end(ports, reader(owner.id)).await];
    let transfer = project.transfer(next, 10, after(1)).unwrap();
    ports.members.transfer(transfer).await.unwrap().unwrap();
    let listed = [put_project(project.id), put_member(owner.id), put_member(next)];
    for (follower, role) in followers.iter_mut().zip([MemberRole::Owner, MemberRole::Editor]) {
        let changes = follower.next(ports).await;
        assert_eq!(changes.iter().map(line).collect::<Vec<_>>(), listed);
        let FeedContent::Member(view) = &changes[1].content else { panic!("{changes:?}") };
        assert_eq!(view.membership, Some(role));
    }
}
