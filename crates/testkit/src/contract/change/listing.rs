//! Reading without a position.

use super::shared::{
    Follower, Ports, delete_task, dispatched, line, put, put_member, put_project, put_task, read, reader, rename,
};
use crate::{
    builders::{NOBODY, new_task},
    given,
};
use fasttrack_domain::{
    change::{DeleteReason, FeedPosition, Listing, ListingPlace, ThingKind},
    membership::GrantedRole,
    task::{BulkIds, NewTask},
};

/// Projects by id with their things, then tasks outside of them. Others are left out, and the limit doesn't matter.
pub(super) async fn everything_is_listed_in_order(ports: &Ports) {
    let (project, owner) = given::project_with_owner(ports).await;
    let (other, stranger) = given::project_with_owner(ports).await;
    let second = given::project(ports, owner.id).await;
    let editor = given::member(ports, &project, GrantedRole::Editor).await.id;
    let labels = [given::label(ports, project.id).await.id, given::label(ports, project.id).await.id];
    given::label(ports, other.id).await;
    let (first, last) = (given::task(ports, project.id).await.id, given::task(ports, project.id).await.id);
    let assigned = |task: NewTask| NewTask { assignee_id: Some(owner.id), ..task };
    let foreign = given::task_with(ports, other.id, assigned).await.id;
    given::task(ports, other.id).await;
    let foreign_comment = given::comment(ports, foreign, stranger.id).await.id;
    let mut comments = Vec::new();
    for task in [last, first, first, last] {
        comments.push(given::comment(ports, task, owner.id).await.id.get());
    }
    let mut expected = vec![put_project(project.id), put_member(owner.id), put_member(editor)];
    expected.extend(labels.map(|id| put(ThingKind::Label, id.get())));
    expected.extend([put_task(first), put_task(last)]);
    // By task and id.
    expected.extend([1, 2, 0, 3].map(|n: usize| put(ThingKind::Comment, comments[n])));
    expected.extend([put_project(second.id), put_member(owner.id)]);
    expected.extend([put_task(foreign), put(ThingKind::Comment, foreign_comment.get())]);
    for limit in [1, 2, 3, 7, 1_000] {
        let mut follower = Follower { limit, ..Follower::new(reader(owner.id)) };
        assert_eq!(follower.lines(ports).await, expected, "{limit}");
        assert_eq!(follower.lines(ports).await, [] as [String; 0], "{limit}");
    }
}

/// Also what was listed before it changed.
pub(super) async fn what_changes_during_a_listing_follows_it(ports: &Ports) {
    let (project, owner) = given::project_with_owner(ports).await;
    let (first, second) = (given::task(ports, project.id).await.id, given::task(ports, project.id).await.id);
    let mut follower = Follower::at_end(ports, reader(owner.id)).await;
    let page = read(ports, &follower.reader, None, 3).await.unwrap();
    let listed: Vec<_> = page.changes.iter().map(line).collect();
    assert_eq!(listed, [put_project(project.id), put_member(owner.id), put_task(first)]);
    assert!(page.has_more);
    rename(ports, first, "Weed").await;
    delete_task(ports, second).await;
    let third = given::task(ports, project.id).await.id;
    follower.position = Some(page.next);
    let deleted = super::shared::gone(DeleteReason::Deleted, ThingKind::Task, second.get());
    assert_eq!(follower.lines(ports).await, [put_task(third), put_task(first), deleted, put_task(third)]);
}

/// A page ends before too many statements are needed for it.
pub(super) async fn many_projects_are_listed_in_pages(ports: &Ports) {
    let owner = given::user(ports).await.id;
    let mut expected = Vec::new();
    for _ in 0..60 {
        expected.extend([put_project(given::project(ports, owner).await.id), put_member(owner)]);
    }
    dispatched(ports).await;
    let page = read(ports, &reader(owner), None, 1_000).await.unwrap();
    assert!(page.has_more && page.changes.len() < expected.len(), "{}", page.changes.len());
    for limit in [7, 1_000] {
        let mut follower = Follower { limit, ..Follower::new(reader(owner)) };
        assert_eq!(follower.lines(ports).await, expected, "{limit}");
    }
}

/// However many tasks are looked at in vain. A position behind all comments on a task goes on with the next one.
pub(super) async fn comments_behind_many_tasks_without_any_are_listed(ports: &Ports) {
    let (project, owner) = given::project_with_owner(ports).await;
    let within = ports.tasks.find_project(project.id, NOBODY).await.unwrap().unwrap();
    let first = given::task(ports, project.id).await.id;
    let mut comments = vec![given::comment(ports, first, owner.id).await.id];
    for _ in 0..3 {
        ports.tasks.create_all(vec![new_task(&within); BulkIds::MAX], None).await.unwrap();
    }
    let last = given::task(ports, project.id).await.id;
    comments.extend([given::comment(ports, last, owner.id).await.id, given::comment(ports, last, owner.id).await.id]);
    let expected = comments.iter().map(|id| put(ThingKind::Comment, id.get())).collect::<Vec<_>>();
    let mut follower = Follower::new(reader(owner.id));
    let listed = follower.lines(ports).await;
    assert_eq!(listed.len(), 2 + 2 + 3 * BulkIds::MAX + expected.len());
    assert_eq!(listed[listed.len() - expected.len()..], expected);
    let seq = ports.changes.head().await.unwrap();
    for (task_id, rest) in [(first, &expected[1..]), (last, &expected[3..])] {
        let place = ListingPlace::Comment { project_id: project.id, task_id, after: i64::MAX };
        for is_initial in [true, false] {
            let position = Some(FeedPosition { seq, listing: Some(Listing { is_initial, place }) });
            let mut follower = Follower { position, ..Follower::new(reader(owner.id)) };
            assert_eq!(follower.lines(ports).await, rest);
        }
    }
}
