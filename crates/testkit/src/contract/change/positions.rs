//! Positions, and what has expired.

use super::shared::{Follower, Ports, assign, delete_task, dispatched, put_project, read, reader, rename};
use crate::{
    builders::{after, member_removal},
    contract::conflict,
    given,
};
use fasttrack_domain::{
    change::{FeedPosition, Listing, ListingPlace, ThingKind},
    membership::{GrantedRole, MemberRole},
    ports::{change::FeedNews, constraint},
};
use std::collections::BTreeSet;

/// Numbers are of what is dispatched.
pub(super) async fn numbers_ascend_with_every_change(ports: &Ports) {
    assert_eq!(ports.changes.head().await.unwrap(), 0);
    let (project, _) = given::project_with_owner(ports).await;
    assert_eq!(ports.changes.head().await.unwrap(), 0);
    dispatched(ports).await;
    let mut last = ports.changes.head().await.unwrap();
    assert!(last > 0);
    let task = given::task(ports, project.id).await.id;
    for text in ["One", "Two", "Three"] {
        rename(ports, task, text).await;
        dispatched(ports).await;
        let head = ports.changes.head().await.unwrap();
        assert!(head > last, "{head} {last}");
        last = head;
    }
}

/// Nobody to whom a change matters is left out.
pub(super) async fn news_name_whom_a_change_matters_to(ports: &Ports) {
    let (project, owner) = given::project_with_owner(ports).await;
    let member = given::member(ports, &project, GrantedRole::Viewer).await.id;
    let [outsider, stranger] = [given::user(ports).await.id, given::user(ports).await.id];
    given::project(ports, stranger).await;
    let task = given::task(ports, project.id).await.id;
    dispatched(ports).await;
    let news = async |after| ports.changes.news(after, 100).await.unwrap();
    let seq = ports.changes.head().await.unwrap();
    assert_eq!(news(seq).await, FeedNews { seq, readers: Some(BTreeSet::new()) });

    rename(ports, task, "One").await;
    dispatched(ports).await;
    let FeedNews { seq: second, readers } = news(seq).await;
    assert!(second > seq);
    assert_eq!(readers, Some([owner.id, member].into()));
    assert_eq!(ports.changes.news(seq, 1).await.unwrap().readers, None);

    assign(ports, task, Some(outsider)).await;
    assert!(ports.members.remove(member_removal(project.id, member, MemberRole::Viewer)).await.unwrap());
    dispatched(ports).await;
    assert_eq!(news(second).await.readers, Some([owner.id, member, outsider].into()));
}

/// Also where nothing of what changed is for the reader.
pub(super) async fn a_quiet_feed_stays_where_it_is(ports: &Ports) {
    let user = given::user(ports).await.id;
    let empty = read(ports, &reader(user), None, 10).await.unwrap();
    assert_eq!((empty.changes, empty.next, empty.has_more), (Vec::new(), FeedPosition::after(0), false));
    given::project_with_owner(ports).await;
    let mut follower = Follower::at_end(ports, reader(user)).await;
    let end = Some(FeedPosition::after(ports.changes.head().await.unwrap()));
    assert_eq!(follower.position, end);
    assert_eq!(follower.next(ports).await, []);
    assert_eq!(follower.position, end);
}

/// So has one within a listing. What exists is never pruned.
pub(super) async fn a_pruned_position_has_expired(ports: &Ports) {
    let (project, owner) = given::project_with_owner(ports).await;
    let (task, kept) = (given::task(ports, project.id).await.id, given::task(ports, project.id).await.id);
    let former = Follower::at_end(ports, reader(owner.id)).await;
    delete_task(ports, task).await;
    let mut latest = Follower::at_end(ports, reader(owner.id)).await;
    // The task is deleted two minutes after the beginning.
    ports.changes.prune(after(-1), 100).await.unwrap();
    assert!(read(ports, &former.reader, former.position, 10).await.is_ok());
    assert!(ports.changes.prune(after(3), 100).await.unwrap() > 0);
    let expired = read(ports, &former.reader, former.position, 10).await;
    assert_eq!(conflict(expired), constraint::CURSOR_EXPIRED);
    let place = ListingPlace::Project { id: project.id, kind: ThingKind::Project, after: project.id.get() };
    let listing = Some(Listing { is_initial: true, place });
    let within = former.position.map(|position| FeedPosition { listing, ..position });
    assert_eq!(conflict(read(ports, &former.reader, within, 10).await), constraint::CURSOR_EXPIRED);
    assert_eq!(latest.next(ports).await, []);
    rename(ports, kept, "Weed").await;
    assert_eq!(latest.next(ports).await.len(), 1);
    assert_eq!(ports.changes.prune(after(3), 100).await.unwrap(), 0);
}

/// As after the restoration of a backup.
pub(super) async fn an_unreached_position_has_expired(ports: &Ports) {
    let (_, owner) = given::project_with_owner(ports).await;
    dispatched(ports).await;
    let beyond = FeedPosition::after(ports.changes.head().await.unwrap() + 1);
    let expired = read(ports, &reader(owner.id), Some(beyond), 10).await;
    assert_eq!(conflict(expired), constraint::CURSOR_EXPIRED);
}

/// A position within what the reader doesn't see ends its listing.
pub(super) async fn a_forged_position_shows_nothing_else(ports: &Ports) {
    let (project, owner) = given::project_with_owner(ports).await;
    let task = given::task(ports, project.id).await.id;
    given::comment(ports, task, owner.id).await;
    let (own, user) = given::project_with_owner(ports).await;
    dispatched(ports).await;
    let seq = ports.changes.head().await.unwrap();
    let (project_id, task_id) = (project.id, task);
    let places = [
        ListingPlace::Project { id: project_id, kind: ThingKind::Project, after: project_id.get() },
        ListingPlace::Project { id: project_id, kind: ThingKind::Label, after: 0 },
        ListingPlace::Comment { project_id, task_id, after: 0 },
        ListingPlace::Comment { project_id: own.id, task_id, after: 0 },
        ListingPlace::Task { id: task_id, after: 0 },
    ];
    for place in places {
        let forged = FeedPosition { seq, listing: Some(Listing { is_initial: false, place }) };
        let page = read(ports, &reader(user.id), Some(forged), 10).await.unwrap();
        assert_eq!((page.changes, page.next), (Vec::new(), FeedPosition::after(seq)), "{place:?}");
    }
    let place = ListingPlace::Project { id: project_id, kind: ThingKind::Project, after: project_id.get() };
    let forged = FeedPosition { seq, listing: Some(Listing { is_initial: true, place }) };
    let mut follower = Follower { position: Some(forged), ..Follower::new(reader(user.id)) };
    assert_eq!(follower.lines(ports).await.first(), Some(&put_project(own.id)));
}
