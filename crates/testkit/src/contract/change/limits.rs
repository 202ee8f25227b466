//! Readers who see more than their projects, or fewer of them, and pages that end before their limit.

use super::shared::{Follower, Ports, assign, dispatched, gone, put, put_member, put_project, put_task, read, reader};
use crate::{
    builders::{NOBODY, after, body, description, member_removal, new_comment, new_task},
    given,
};
use fasttrack_domain::{
    api_token::Reach,
    change::{DeleteReason, FeedPosition, FeedReader, Listing, ListingPlace, ThingKind},
    comment::NewComment,
    membership::{GrantedRole, MemberRole},
    task::NewTask,
    text::{CommentBody, Description},
};

/// Its own memberships and assignments don't matter, but the project says which role it has.
pub(super) async fn who_sees_all_has_every_project(ports: &Ports) {
    let admin = given::admin(ports).await.id;
    let (project, owner) = given::project_with_owner(ports).await;
    let task = given::task(ports, project.id).await.id;
    let mut follower = Follower::new(FeedReader { sees_all: true, ..reader(admin) });
    assert_eq!(follower.lines(ports).await, [put_project(project.id), put_member(owner.id), put_task(task)]);
    assign(ports, task, Some(admin)).await;
    given::membership(ports, &project, admin, GrantedRole::Editor).await;
    assert_eq!(follower.lines(ports).await, [put_task(task), put_member(admin), put_project(project.id)]);
    assert!(ports.members.remove(member_removal(project.id, admin, MemberRole::Editor)).await.unwrap());
    let removed = gone(DeleteReason::Deleted, ThingKind::Member, admin.get());
    assert_eq!(follower.lines(ports).await, [removed, put_project(project.id), put_task(task)]);
}

/// Also of those of a reader that sees all.
pub(super) async fn a_limited_reach_shows_its_projects_alone(ports: &Ports) {
    let (project, owner) = given::project_with_owner(ports).await;
    let other = given::project(ports, owner.id).await;
    let (foreign, _) = given::project_with_owner(ports).await;
    let task = given::task(ports, project.id).await.id;
    let assigned = given::task(ports, foreign.id).await.id;
    assign(ports, assigned, Some(owner.id)).await;
    let admin = given::admin(ports).await.id;
    let reach = Reach::only(vec![project.id, foreign.id]);
    let mut narrowed = Follower::new(FeedReader { reach, ..reader(owner.id) });
    let reach = Reach::only(vec![project.id]);
    let mut admins = Follower::new(FeedReader { sees_all: true, reach, ..reader(admin) });
    for follower in [&mut narrowed, &mut admins] {
        let listed = [put_project(project.id), put_member(owner.id), put_task(task)];
        assert_eq!(follower.lines(ports).await, listed);
    }
    given::task(ports, other.id).await;
    assign(ports, assigned, None).await;
    let later = given::task(ports, project.id).await.id;
    for follower in [&mut narrowed, &mut admins] {
        assert_eq!(follower.lines(ports).await, [put_task(later)]);
    }
    for project in [&other, &project] {
        assert!(ports.projects.delete(project.id, project.version, after(1), None).await.unwrap());
    }
    for follower in [&mut narrowed, &mut admins] {
        let deleted = gone(DeleteReason::Deleted, ThingKind::Project, project.id.get());
        assert_eq!(follower.lines(ports).await, [deleted]);
    }
}

/// Checks that there is a page that has less than what is expected although its limit isn't reached, and that nothing is left
/// out.
async fn check_cut(ports: &Ports, mut follower: Follower, expected: &[String]) {
    dispatched(ports).await;
    let page = read(ports, &follower.reader, follower.position, 1_000).await.unwrap();
    assert!(page.has_more && page.changes.len() < expected.len(), "{}", page.changes.len());
    assert_eq!(follower.lines(ports).await, expected);
    assert_eq!(follower.lines(ports).await, [] as [String; 0]);
}

/// A page ends before too many statements are needed for it.
pub(super) async fn many_gained_projects_come_in_pages(ports: &Ports) {
    let (owner, user) = (given::user(ports).await.id, given::user(ports).await.id);
    let follower = Follower::at_end(ports, reader(user)).await;
    let mut expected = Vec::new();
    for _ in 0..60 {
        let project = given::project(ports, owner).await;
        given::membership(ports, &project, user, GrantedRole::Viewer).await;
        expected.extend([put_project(project.id), put_member(owner), put_member(user)]);
    }
    check_cut(ports, follower, &expected).await;
}

/// Those in the reader's own projects are listed there. A position behind one of these goes on with the next.
pub(super) async fn many_tasks_of_foreign_projects_come_in_pages(ports: &Ports) {
    let (project, _) = given::project_with_owner(ports).await;
    let (own, user) = given::project_with_owner(ports).await;
    let gained = Follower::at_end(ports, reader(user.id)).await;
    let assigned = |task: NewTask| NewTask { assignee_id: Some(user.id), ..task };
    let (mut foreign, mut listed) = (Vec::new(), vec![put_project(own.id), put_member(user.id)]);
    for _ in 0..60 {
        foreign.push(given::task_with(ports, project.id, assigned).await.id);
    }
    let foreign: Vec<_> = foreign.into_iter().map(put_task).collect();
    check_cut(ports, gained, &foreign).await;

    let within = given::task_with(ports, own.id, assigned).await.id;
    let last = given::task_with(ports, project.id, assigned).await.id;
    listed.push(put_task(within));
    listed.extend(foreign);
    listed.push(put_task(last));
    check_cut(ports, Follower::new(reader(user.id)), &listed).await;
    let place = ListingPlace::Task { id: within, after: i64::MAX };
    let listing = Some(Listing { is_initial: true, place });
    let position = Some(FeedPosition { seq: ports.changes.head().await.unwrap(), listing });
    let mut follower = Follower { position, ..Follower::new(reader(user.id)) };
    assert_eq!(follower.lines(ports).await, [put_task(last)]);
}

/// Whether they are listed, have changed, or are gained.
pub(super) async fn long_texts_come_in_more_pages(ports: &Ports) {
    let (project, owner) = given::project_with_owner(ports).await;
    let user = given::user(ports).await.id;
    let (changed, gained) =
        (Follower::at_end(ports, reader(owner.id)).await, Follower::at_end(ports, reader(user)).await);
    let within = ports.tasks.find_project(project.id, NOBODY).await.unwrap().unwrap();
    let long = Some(description(&"🦀".repeat(Description::MAX)));
    let new = NewTask { description: long, ..new_task(&within) };
    let tasks = ports.tasks.create_all(vec![new; 40], None).await.unwrap();
    let found = ports.tasks.find(tasks[0].id, NOBODY).await.unwrap().unwrap();
    let mut expected: Vec<_> = tasks.iter().map(|task| put_task(task.id)).collect();
    for _ in 0..40 {
        let long = body(&"🦀".repeat(CommentBody::MAX));
        let new = NewComment { body: long, ..new_comment(&found, owner.id) };
        let comment = ports.comments.create(new, None).await.unwrap();
        expected.push(put(ThingKind::Comment, comment.id.get()));
    }
    check_cut(ports, changed, &expected).await;
    let mut listed = vec![put_project(project.id), put_member(owner.id)];
    listed.extend(expected.clone());
    check_cut(ports, Follower::new(reader(owner.id)), &listed).await;
    given::membership(ports, &project, user, GrantedRole::Viewer).await;
    listed.insert(2, put_member(user));
    check_cut(ports, gained, &listed).await;
}
