use super::builder::{
    ANN, BOB, Builder, OWNER, PROJECT, change, change_based_on, comment_on, commented, create, create_with_key, delete,
    list, page, read, refused, set_status, shown, shown_with, task, unknown,
};
use crate::history::{Comment, Outcome, Request, Rule, Status, Task};

fn with_value(id: i64, version: i64, value: &str) -> Outcome {
    let task = Task { value: Some(value.to_owned()), ..task(id, version) };
    Outcome::Task { task, etag: Some(version), replayed: false }
}

#[test]
fn lost_update_is_found() {
    // Both are based on version 1, and both are accepted.
    Builder::with_tasks([1])
        .meanwhile(ANN, 9, change_based_on(1, 1, "Ann's"), with_value(1, 2, "Ann's"))
        .meanwhile(BOB, 9, change_based_on(1, 1, "Bob's"), with_value(1, 3, "Bob's"))
        .breaks_only(Rule::Linearizability);
}

#[test]
fn change_that_another_overwrites_is_found() {
    let status_of_old = Task { version: 3, status: Status::InProgress, ..task(1, 1) };
    Builder::with_tasks([1])
        .then(ANN, change(1, 2), shown(1, 2))
        .then(
            BOB,
            set_status(1, Status::InProgress),
            Outcome::Task { task: status_of_old, etag: Some(3), replayed: false },
        )
        .breaks_only(Rule::Linearizability);
}

#[test]
fn stale_read_after_an_acknowledged_write_is_found() {
    Builder::with_tasks([1])
        .then(ANN, change(1, 2), shown(1, 2))
        .then(BOB, read(1), shown(1, 1))
        .breaks_only(Rule::Linearizability);
}

#[test]
fn version_with_two_contents_is_found() {
    Builder::with_tasks([1])
        .meanwhile(ANN, 9, change_based_on(1, 1, "Ann's"), with_value(1, 2, "Ann's"))
        .meanwhile(BOB, 9, change_based_on(1, 1, "Bob's"), with_value(1, 2, "Bob's"))
        .breaks(Rule::VersionContent);
}

#[test]
fn value_that_nobody_wrote_is_found() {
    Builder::with_tasks([1]).then(ANN, read(1), with_value(1, 1, "strange")).breaks(Rule::WrittenValues);
    // Nor before it is written.
    Builder::with_tasks([1])
        .then(ANN, read(1), shown(1, 2))
        .then(BOB, change(1, 2), shown(1, 2))
        .breaks(Rule::WrittenValues);
}

#[test]
fn unknown_write_that_shows_and_goes_is_found() {
    Builder::with_tasks([1])
        .then(OWNER, change(1, 2), unknown())
        .then(ANN, read(1), shown(1, 2))
        .then(BOB, read(1), shown(1, 1))
        .breaks_only(Rule::Linearizability);
}

#[test]
fn unknown_write_that_happens_twice_is_found() {
    Builder::with_tasks([1])
        .then(OWNER, change(1, 2), unknown())
        .then(ANN, read(1), shown(1, 2))
        .then(ANN, change(1, 3), shown(1, 3))
        .then(ANN, read(1), with_value(1, 4, "1/2"))
        .breaks_only(Rule::Linearizability);
}

#[test]
fn refused_write_with_an_effect_is_found() {
    Builder::with_tasks([1])
        .then(ANN, change(1, 2), refused(429, "rate_limited"))
        .then(BOB, read(1), shown(1, 2))
        .breaks_only(Rule::Linearizability);
}

#[test]
fn list_that_goes_back_is_found() {
    Builder::with_tasks([1, 2])
        .then(OWNER, change(1, 2), unknown())
        .then(ANN, list(), page([(1, 2), (2, 1)]))
        .then(ANN, list(), page([(1, 1), (2, 1)]))
        .breaks(Rule::MonotonicReads);
}

#[test]
fn list_without_a_task_is_found() {
    Builder::with_tasks([1, 2]).then(ANN, list(), page([(2, 1)])).breaks_only(Rule::Linearizability);
    Builder::with_tasks([1, 2]).then(ANN, list(), page([(1, 1)])).breaks_only(Rule::Linearizability);
    // Later pages may have it.
    let first = Outcome::Tasks { tasks: vec![task(1, 1)], has_more: true };
    Builder::with_tasks([1, 2]).then(ANN, list(), first).is_right();
}

#[test]
fn own_write_that_is_not_read_is_found() {
    Builder::with_tasks([1])
        .then(ANN, change(1, 2), shown(1, 2))
        .then(ANN, read(1), shown(1, 1))
        .breaks(Rule::ReadYourWrites);
}

#[test]
fn deleted_task_that_comes_back_is_found() {
    Builder::with_tasks([1])
        .then(ANN, read(1), shown(1, 1))
        .then(OWNER, delete(1), unknown())
        .then(ANN, read(1), refused(404, "not_found"))
        .then(ANN, read(1), shown(1, 1))
        .breaks(Rule::MonotonicReads);
    Builder::with_tasks([1])
        .then(OWNER, delete(1), Outcome::Done)
        .then(OWNER, list(), page([(1, 1)]))
        .breaks(Rule::ReadYourWrites);
}

#[test]
fn missing_task_that_exists_is_found() {
    Builder::with_tasks([1]).then(ANN, read(1), refused(404, "not_found")).breaks_only(Rule::Linearizability);
}

#[test]
fn forbidden_task_that_does_not_exist_is_found() {
    let stranger = 4;
    let after_deletion = Builder::with_tasks([1]).then(OWNER, delete(1), Outcome::Done);
    after_deletion.then(stranger, read(1), refused(403, "forbidden")).breaks_only(Rule::Linearizability);
    Builder::with_tasks([1]).then(stranger, read(1), refused(403, "forbidden")).is_right();
}

#[test]
fn wrong_preconditions_are_found() {
    let base = || Builder::with_tasks([1]).then(ANN, change(1, 2), shown(1, 2));
    let based_on = |version| change_based_on(version, 1, "1/3");
    let conditional = |version| Request::ReadTask { project: PROJECT, task: 1, if_none_match: Some(version) };
    base().then(BOB, based_on(1), shown(1, 3)).breaks_only(Rule::Linearizability);
    base().then(BOB, based_on(2), refused(412, "precondition_failed")).breaks_only(Rule::Linearizability);
    base().then(BOB, conditional(1), Outcome::NotModified).breaks_only(Rule::Linearizability);
    base().then(BOB, conditional(2), shown(1, 2)).breaks_only(Rule::Linearizability);
    base().then(BOB, based_on(2), shown(1, 3)).then(BOB, conditional(3), Outcome::NotModified).is_right();
    base().then(BOB, based_on(1), refused(412, "precondition_failed")).is_right();
}

#[test]
fn wrong_steps_of_the_status_are_found() {
    let base = || Builder::with_tasks([1]);
    let refusal = || refused(409, "invalid_status_transition");
    base().then(ANN, set_status(1, Status::Done), shown_with(1, 2, Status::Done)).breaks(Rule::Linearizability);
    base().then(ANN, set_status(1, Status::InProgress), refusal()).breaks_only(Rule::Linearizability);
    base().then(ANN, set_status(1, Status::Todo), shown_with(1, 2, Status::Todo)).breaks(Rule::Linearizability);
    base()
        .then(ANN, set_status(1, Status::Todo), shown(1, 1))
        .then(ANN, set_status(1, Status::Done), refusal())
        .is_right();
}

#[test]
fn etag_of_another_version_is_found() {
    let outcome = Outcome::Task { task: task(1, 1), etag: Some(2), replayed: false };
    Builder::with_tasks([1]).then(ANN, read(1), outcome).breaks_only(Rule::Linearizability);
}

fn created_as(id: i64, title: i64, replayed: bool) -> Outcome {
    Outcome::Task { task: Task { id, ..task(title, 1) }, etag: Some(1), replayed }
}

#[test]
fn two_effects_of_a_key_are_found() {
    Builder::new()
        .then(ANN, create_with_key(1), unknown())
        .then(ANN, create_with_key(1), created_as(2, 1, false))
        .then(ANN, list(), Outcome::Tasks { tasks: vec![task(1, 1), Task { id: 2, ..task(1, 1) }], has_more: false })
        .breaks(Rule::SingleEffect);
}

#[test]
fn retry_that_is_not_replayed_is_found() {
    let twice = |replayed| {
        Builder::new().then(ANN, create_with_key(1), shown(1, 1)).then(
            ANN,
            create_with_key(1),
            created_as(1, 1, replayed),
        )
    };
    twice(false).breaks(Rule::SingleEffect);
    twice(true).is_right();
    // Nor is there a replay of nothing.
    Builder::new().then(ANN, create_with_key(1), created_as(1, 1, true)).breaks_only(Rule::Linearizability);
}

#[test]
fn comment_with_two_ids_is_found() {
    let comments = |ids: [i64; 2]| {
        let all = ids.map(|id| Comment { id, body: "Comment 1".to_owned() });
        Outcome::Comments { comments: all.into(), has_more: false }
    };
    Builder::with_tasks([1])
        .then(ANN, comment_on(1, 1), commented(1))
        .then(ANN, Request::ListComments { project: PROJECT, task: 1, after: None }, comments([1, 2]))
        .breaks_only(Rule::SingleEffect);
}

#[test]
fn creation_in_place_of_another_is_found() {
    Builder::with_tasks([1]).then(ANN, create(2), created_as(1, 2, false)).breaks(Rule::SingleEffect);
}
