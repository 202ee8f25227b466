use super::builder::{
    ANN, BOB, Builder, OWNER, PROJECT, change, changed, changes, comment, comment_on, commented, delete, list,
    notified, page, put, put_project, set_status, shown, shown_with, statistics,
};
use crate::history::{Change, Notification, NotificationContent, Outcome, Request, Rule, Status};

/// Ann has commented twice, and the owner has been notified.
fn with_comments() -> Builder {
    Builder::with_tasks([1])
        .then(ANN, comment_on(1, 1), commented(1))
        .then(ANN, comment_on(1, 2), commented(2))
        .wait(3000)
}

fn follow(since: i64) -> Request {
    Request::FollowNotifications { since: Some(since) }
}

#[test]
fn gap_in_notifications_is_found() {
    let listed = |notifications| with_comments().then(OWNER, Request::ListNotifications, notifications);
    listed(notified([(1, 1), (2, 2)])).is_right();
    listed(notified([(1, 1), (3, 2)])).breaks_only(Rule::NotificationSequence);
    listed(notified([(2, 1), (3, 2)])).breaks_only(Rule::NotificationSequence);
    with_comments().then(OWNER, follow(1), notified([(2, 2)])).is_right();
    with_comments().then(OWNER, follow(1), notified([(3, 2)])).breaks_only(Rule::NotificationSequence);
}

#[test]
fn number_that_comes_twice_is_found() {
    let followed = notified([(1, 1), (1, 1), (2, 2)]);
    with_comments().then(OWNER, follow(0), followed).breaks_only(Rule::NotificationSequence);
}

#[test]
fn number_with_two_contents_is_found() {
    with_comments()
        .then(OWNER, follow(0), notified([(1, 2)]))
        .then(OWNER, Request::ListNotifications, notified([(1, 1), (2, 2)]))
        .breaks(Rule::NotificationSequence);
}

#[test]
fn comment_with_two_notifications_is_found() {
    let twice = notified([(1, 1), (2, 2), (3, 2)]);
    with_comments().then(OWNER, Request::ListNotifications, twice).breaks_only(Rule::NotificationSequence);
}

#[test]
fn notifications_that_go_back_are_found() {
    with_comments()
        .then(OWNER, Request::ListNotifications, notified([(1, 1), (2, 2)]))
        .then(OWNER, Request::ListNotifications, notified([(1, 1)]))
        .breaks(Rule::NotificationSequence);
}

#[test]
fn comment_without_notification_is_found() {
    let last = notified([(1, 1)]);
    with_comments().then(OWNER, Request::ListNotifications, last).breaks_only(Rule::NotificationsComplete);
    // It has two seconds.
    Builder::with_tasks([1])
        .then(ANN, comment_on(1, 1), commented(1))
        .then(OWNER, Request::ListNotifications, notified([]))
        .is_right();
}

#[test]
fn status_without_notification_is_found() {
    let listed = |steps: &[(Status, Status)]| {
        let content = |(old, new)| NotificationContent::StatusChanged { task: 1, old, new };
        let all = (1..).zip(steps).map(|(seq, step)| Notification { seq, content: content(*step) });
        Builder::with_tasks([1])
            .then(BOB, set_status(1, Status::InProgress), shown_with(1, 2, Status::InProgress))
            .then(BOB, set_status(1, Status::Done), shown_with(1, 3, Status::Done))
            .wait(3000)
            .then(OWNER, Request::ListNotifications, Outcome::Notifications { notifications: all.collect() })
    };
    let (first, second) = ((Status::Todo, Status::InProgress), (Status::InProgress, Status::Done));
    listed(&[first, second]).is_right();
    for wrong in [&[][..], &[first], &[second], &[second, first]] {
        listed(wrong).breaks_only(Rule::NotificationsComplete);
    }
}

/// Ann follows the feed from the beginning.
fn followed() -> Builder {
    Builder::with_tasks([1]).then(ANN, changes(None), changed(&[put_project(), put(1, 1)], "a"))
}

#[test]
fn change_that_the_feed_loses_is_found() {
    let written = followed().then(BOB, change(1, 2), shown(1, 2));
    let late = written.clone().wait(1500);
    late.clone().then(ANN, changes(Some("a")), changed(&[put(1, 2)], "b")).is_right();
    late.then(ANN, changes(Some("a")), changed(&[], "b")).breaks_only(Rule::FeedComplete);
    // It has a second.
    written.then(ANN, changes(Some("a")), changed(&[], "b")).is_right();
}

#[test]
fn creation_that_the_feed_loses_is_found() {
    let start = Builder::with_tasks([1, 2]).wait(1500);
    start.then(ANN, changes(None), changed(&[put_project(), put(2, 1)], "a")).breaks_only(Rule::FeedComplete);
}

#[test]
fn deletion_that_the_feed_loses_is_found() {
    let late = followed().then(BOB, delete(1), Outcome::Done).wait(1500);
    late.clone().then(ANN, changes(Some("a")), changed(&[], "b")).breaks_only(Rule::FeedComplete);
    let deleted = Change::DeleteTask { project: PROJECT, task: 1 };
    late.then(ANN, changes(Some("a")), changed(&[deleted], "b")).is_right();
}

#[test]
fn comment_that_the_feed_loses_is_found() {
    let late = followed().then(BOB, comment_on(1, 1), commented(1)).wait(1500);
    late.clone().then(ANN, changes(Some("a")), changed(&[], "b")).breaks_only(Rule::FeedComplete);
    let put = Change::PutComment { project: PROJECT, comment: comment(1) };
    late.then(ANN, changes(Some("a")), changed(&[put], "b")).is_right();
}

#[test]
fn older_after_newer_in_the_feed_is_found() {
    let newer = Builder::with_tasks([1]).then(BOB, change(1, 2), shown(1, 2)).then(
        ANN,
        changes(None),
        changed(&[put_project(), put(1, 2)], "a"),
    );
    newer.clone().then(ANN, changes(Some("a")), changed(&[put(1, 1)], "b")).breaks_only(Rule::FeedOrder);
    newer.then(ANN, changes(Some("a")), changed(&[put(1, 2)], "b")).is_right();
}

#[test]
fn deleted_task_that_the_feed_puts_is_found() {
    let deleted = Change::DeleteTask { project: PROJECT, task: 1 };
    followed()
        .then(BOB, delete(1), Outcome::Done)
        .then(ANN, changes(Some("a")), changed(&[deleted, put(1, 1)], "b"))
        .breaks_only(Rule::FeedOrder);
}

#[test]
fn deletion_by_nobody_is_found() {
    let deleted = Change::DeleteTask { project: PROJECT, task: 1 };
    followed().then(ANN, changes(Some("a")), changed(&[deleted], "b")).breaks(Rule::WrittenValues);
}

#[test]
fn project_that_the_feed_keeps_is_found() {
    let removal = Request::RemoveMember { project: PROJECT, user: ANN.into() };
    let late = followed().then(OWNER, removal, Outcome::Done).wait(1500);
    late.clone().then(ANN, changes(Some("a")), changed(&[], "b")).breaks_only(Rule::FeedComplete);
    let lost = Change::DeleteProject { project: PROJECT };
    late.then(ANN, changes(Some("a")), changed(&[lost], "b")).is_right();
}

#[test]
fn project_that_the_feed_lacks_is_found() {
    Builder::new().then(ANN, changes(None), changed(&[], "a")).breaks_only(Rule::FeedComplete);
}

#[test]
fn statistics_off_by_one_are_found() {
    let walk = || page([(1, 1), (2, 1)]);
    let request = || Request::Statistics { project: PROJECT };
    let with = |counts| {
        let settled = Builder::with_tasks([1, 2]).then(ANN, list(), walk()).wait(3000);
        settled.then(ANN, request(), counts).then(BOB, list(), walk())
    };
    with(statistics(2, 0, 0)).is_right();
    for (todo, in_progress, done) in [(1, 0, 0), (3, 0, 0), (1, 1, 0), (2, 0, 1)] {
        with(statistics(todo, in_progress, done)).breaks_only(Rule::Statistics);
    }
    with(Outcome::Statistics { todo: 2, in_progress: 0, done: 0, total: 3 }).breaks_only(Rule::Statistics);
    // They have two seconds.
    let soon = Builder::with_tasks([1, 2]).then(ANN, list(), walk()).then(ANN, request(), statistics(1, 0, 0));
    soon.then(BOB, list(), walk()).is_right();
}
