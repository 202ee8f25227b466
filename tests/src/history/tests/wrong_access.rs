use super::builder::{
    ANN, BOB, Builder, OWNER, PROJECT, changed, changes, put, read, refresh, refused, shown, tokens, unknown,
};
use crate::history::{Outcome, Request, Rule};

fn add(user: u32) -> Request {
    Request::AddMember { project: PROJECT, user: user.into() }
}

fn remove(user: u32) -> Request {
    Request::RemoveMember { project: PROJECT, user: user.into() }
}

#[test]
fn access_after_removal_is_found() {
    // Ann is at another node than the owner, which has a second. Bob is at the same.
    let removed = |user| Builder::with_tasks([1]).then(OWNER, remove(user), Outcome::Done);
    removed(ANN).then(ANN, read(1), shown(1, 1)).is_right();
    removed(ANN).wait(1500).then(ANN, read(1), shown(1, 1)).breaks_only(Rule::Membership);
    removed(BOB).then(BOB, read(1), shown(1, 1)).breaks_only(Rule::Membership);
    removed(BOB).then(BOB, read(1), refused(403, "forbidden")).is_right();
}

#[test]
fn addition_after_a_removal_gives_access() {
    let removed = || Builder::with_tasks([1]).then(OWNER, remove(ANN), Outcome::Done).wait(1500);
    for outcome in [Outcome::Done, unknown(), refused(503, "unavailable")] {
        removed().then(OWNER, add(ANN), outcome).then(ANN, read(1), shown(1, 1)).is_right();
    }
    let refused = refused(409, "quota_exceeded");
    removed().then(OWNER, add(ANN), refused).then(ANN, read(1), shown(1, 1)).breaks_only(Rule::Membership);
}

#[test]
fn fault_is_no_excuse_for_access_after_removal() {
    Builder::with_tasks([1])
        .then(OWNER, remove(ANN), Outcome::Done)
        .meanwhile(u32::MAX, 5000, Request::Fault { what: "frozen".to_owned() }, Outcome::Done)
        .wait(1500)
        .then(ANN, read(1), shown(1, 1))
        .breaks_only(Rule::Membership);
}

#[test]
fn feed_of_a_project_after_removal_is_found() {
    Builder::with_tasks([1])
        .then(OWNER, remove(ANN), Outcome::Done)
        .wait(1500)
        .then(ANN, changes(None), changed(&[put(1, 1)], "a"))
        .breaks_only(Rule::Membership);
}

#[test]
fn refused_member_is_found() {
    let forbidden = || refused(403, "forbidden");
    Builder::with_tasks([1]).then(ANN, read(1), forbidden()).breaks_only(Rule::Membership);
    Builder::with_tasks([1]).then(OWNER, read(1), forbidden()).breaks_only(Rule::Membership);
    for outcome in [Outcome::Done, unknown()] {
        Builder::with_tasks([1]).then(OWNER, remove(ANN), outcome).then(ANN, read(1), forbidden()).is_right();
    }
}

fn end_of(client: u32) -> Request {
    Request::EndSession { session: format!("s{client}") }
}

#[test]
fn revoked_token_after_a_second_is_found() {
    // Bob is at another node than Ann.
    let ended = || Builder::new().then(BOB, end_of(ANN), Outcome::Done);
    ended().then(ANN, Request::WhoAmI, Outcome::Done).is_right();
    ended().wait(1500).then(ANN, Request::WhoAmI, Outcome::Done).breaks_only(Rule::Revocation);
    ended().wait(1500).then(ANN, Request::WhoAmI, refused(401, "token_revoked")).is_right();
    // At the same node it ends at once.
    let here = Builder::new().then(ANN, end_of(ANN), Outcome::Done);
    here.then(ANN, Request::WhoAmI, Outcome::Done).breaks_only(Rule::Revocation);
}

#[test]
fn session_that_nobody_revoked_is_found() {
    let refusal = || refused(401, "token_revoked");
    Builder::new().then(ANN, Request::WhoAmI, refusal()).breaks_only(Rule::Revocation);
    let later = Builder::new().then(ANN, Request::WhoAmI, refusal()).then(BOB, end_of(ANN), Outcome::Done);
    later.breaks_only(Rule::Revocation);
    Builder::new().then(BOB, end_of(ANN), unknown()).then(ANN, Request::WhoAmI, refusal()).is_right();
}

/// Ann has logged in.
fn logged_in() -> Builder {
    Builder::new().then(ANN, Request::LogIn { user: ANN.into() }, tokens("s2", "first"))
}

#[test]
fn two_winners_of_a_refresh_token_are_found() {
    let first = || logged_in().then(ANN, refresh("first", "s2"), tokens("s2", "second"));
    first().then(BOB, refresh("first", "s2"), tokens("s2", "third")).breaks_only(Rule::SingleExchange);
    first().then(BOB, refresh("first", "s2"), refused(401, "refresh_token_reused")).is_right();
}

#[test]
fn token_of_a_reused_session_is_found() {
    logged_in()
        .then(ANN, refresh("first", "s2"), tokens("s2", "second"))
        .then(ANN, refresh("first", "s2"), refused(401, "refresh_token_reused"))
        .then(ANN, refresh("second", "s2"), tokens("s2", "third"))
        .breaks_only(Rule::Revocation);
}

#[test]
fn refusal_of_a_good_refresh_token_is_found() {
    let refusals = || [refused(401, "invalid_refresh_token"), refused(401, "refresh_token_reused")];
    for refusal in refusals() {
        logged_in().then(ANN, refresh("first", "s2"), refusal).breaks_only(Rule::SingleExchange);
    }
    // What is unknown may have spent it.
    for refusal in refusals() {
        logged_in().then(ANN, refresh("first", "s2"), unknown()).then(ANN, refresh("first", "s2"), refusal).is_right();
    }
}

#[test]
fn refresh_token_that_is_issued_twice_is_found() {
    logged_in().then(ANN, refresh("first", "s2"), tokens("s2", "first")).breaks_only(Rule::SingleExchange);
}
