use super::builder::{
    ANN, BOB, Builder, OWNER, PROJECT, change, changed, changes, comment, comment_on, commented, create,
    create_with_key, delete, list, notified, page, put, put_project, read, refresh, refused, shown, statistics, task,
    tokens, unknown,
};
use crate::history::{Change, Limits, Outcome, Request, Rule, check};

/// A history with every kind of operation.
pub(super) fn everything() -> Builder {
    let replay = Outcome::Task { task: task(2, 1), etag: Some(1), replayed: true };
    let lost = Change::DeleteProject { project: PROJECT };
    let put_comment = Change::PutComment { project: PROJECT, comment: comment(1) };
    let comments = Request::ListComments { project: PROJECT, task: 1, after: None };
    let fault = Request::Fault { what: "kill".to_owned() };
    Builder::with_tasks([1])
        .then(ANN, changes(None), changed(&[put_project(), put(1, 1)], "a"))
        // Retries with a key, of which the first had its effect, and a replay after the end of the task.
        .then(ANN, create_with_key(2), unknown())
        .then(ANN, create_with_key(2), replay.clone())
        .then(OWNER, delete(2), Outcome::Done)
        .then(ANN, create_with_key(2), replay)
        // A change without an answer, which is there later.
        .meanwhile(OWNER, 500, fault, Outcome::Done)
        .then(BOB, change(1, 2), unknown())
        .then(ANN, read(1), shown(1, 1))
        .then(OWNER, read(1), shown(1, 2))
        .then(BOB, change(1, 3), shown(1, 3))
        .then(OWNER, change(1, 4), refused(503, "unavailable"))
        .then(ANN, comment_on(1, 1), commented(1))
        .then(ANN, comments, Outcome::Comments { comments: vec![comment(1)], has_more: false })
        .wait(1600)
        .then(ANN, changes(Some("a")), changed(&[put(1, 3), put_comment], "b"))
        .then(ANN, changes(Some("b")), unknown())
        // Members and sessions.
        .then(OWNER, Request::RemoveMember { project: PROJECT, user: BOB.into() }, Outcome::Done)
        .then(BOB, read(1), refused(403, "forbidden"))
        .then(OWNER, Request::RemoveMember { project: PROJECT, user: ANN.into() }, Outcome::Done)
        .then(ANN, changes(Some("b")), changed(&[lost], "c"))
        .then(BOB, Request::LogIn { user: BOB.into() }, tokens("s3", "first"))
        .then(BOB, refresh("first", "s3"), tokens("s3", "second"))
        .then(BOB, Request::EndSession { session: "s3".to_owned() }, Outcome::Done)
        .then(BOB, refresh("second", "s3"), refused(401, "invalid_refresh_token"))
        .then(BOB, Request::WhoAmI, refused(401, "token_revoked"))
        // The end.
        .then(OWNER, list(), page([(1, 3)]))
        .wait(2500)
        .then(OWNER, Request::Statistics { project: PROJECT }, statistics(1, 0, 0))
        .then(OWNER, list(), page([(1, 3)]))
        .then(OWNER, Request::FollowNotifications { since: Some(0) }, notified([(1, 1)]))
        .then(OWNER, Request::ListNotifications, notified([(1, 1)]))
}

#[test]
fn right_history_is_accepted_and_judged_in_all() {
    let history = everything();
    history.is_right();
    let counts = check(&history.operations, &Limits::contract()).counts;
    assert_eq!((counts.operations, counts.unknown), (history.operations.len(), 4));
    assert_eq!((counts.tasks, counts.revocations, counts.removals), (2, 1, 2));
    assert_eq!((counts.statistics, counts.feed_pages, counts.followers), (1, 3, 1));
    assert_eq!((counts.notified, counts.streamed), (1, 1));
}

#[test]
fn unknown_write_may_happen_after_everything() {
    let base = || Builder::with_tasks([1]).then(OWNER, delete(1), unknown()).wait(60_000);
    base().then(ANN, read(1), shown(1, 1)).then(BOB, read(1), refused(404, "not_found")).is_right();
    base().then(BOB, read(1), refused(404, "not_found")).then(ANN, read(1), refused(404, "not_found")).is_right();
}

#[test]
fn overlapping_writes_have_any_order() {
    let both = || {
        Builder::with_tasks([1]).meanwhile(ANN, 9, change(1, 2), shown(1, 2)).meanwhile(
            BOB,
            9,
            change(1, 3),
            shown(1, 3),
        )
    };
    both().wait(20).then(OWNER, read(1), shown(1, 3)).is_right();
    let read_within = both().then(OWNER, read(1), shown(1, 1)).then(OWNER, read(1), shown(1, 3));
    read_within.is_right();
}

#[test]
fn creation_without_answer_may_be_in_a_list() {
    let base = || Builder::new().then(ANN, create(1), unknown());
    base().then(ANN, list(), page([])).then(ANN, list(), page([(1, 1)])).then(BOB, read(1), shown(1, 1)).is_right();
    base().then(ANN, list(), page([])).is_right();
}

#[test]
fn fault_delays_the_feed() {
    let fault = Request::Fault { what: "frozen".to_owned() };
    let during = Builder::with_tasks([1])
        .then(ANN, changes(None), changed(&[put_project(), put(1, 1)], "a"))
        .then(BOB, change(1, 2), shown(1, 2))
        .meanwhile(OWNER, 5000, fault, Outcome::Done)
        .wait(5500)
        .then(ANN, changes(Some("a")), changed(&[], "b"));
    during.is_right();
    during.wait(1000).then(ANN, changes(Some("b")), changed(&[], "c")).breaks(Rule::FeedComplete);
}

#[test]
fn too_much_work_is_undecided() {
    let history = everything().operations;
    let report = check(&history, &Limits { steps: 3, ..Limits::contract() });
    assert!(report.is_right());
    assert_eq!((report.counts.tasks, report.undecided.len()), (0, 2));
}
