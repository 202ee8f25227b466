//! Exchange of refresh tokens: rotation, and reuse of a spent token (RFC 9700 section 4.14.2).

use super::{blocklist, simultaneously};
use crate::{
    builders::{MOMENT, after, exchange, new_session, refresh_grant},
    given,
};
use chrono::{SubsecRound, TimeDelta};
use fasttrack_domain::{
    id::SessionId,
    key::InstanceKey,
    page::PageRequest,
    ports::{revocation::RevocationRepository, session::SessionRepository, user::UserRepository},
    revocation::Revocation,
    session::{Exchange, Exchanged, Login, NewSession, RefreshGrant},
    token::RefreshClaims,
};
use std::time::Duration;

contract! { $
    exchange { users: UserRepository, sessions: SessionRepository, revocations: RevocationRepository }
    an_exchange_renews_the_session,
    tokens_are_exchanged_one_after_the_other,
    an_unknown_token_is_refused,
    an_expired_token_is_refused,
    a_token_of_another_session_is_refused_and_not_spent,
    reuse_of_a_spent_token_revokes_the_whole_session,
    reuse_after_the_session_ended_is_reported_as_reuse,
    a_token_spent_within_the_leeway_is_exchanged_again,
    a_token_spent_before_the_leeway_is_reused,
    the_leeway_does_not_revive_an_ended_session,
    simultaneous_exchanges_renew_once_and_end_the_session,
    simultaneous_exchanges_within_the_leeway_all_renew,
    simultaneous_exchanges_in_different_sessions_all_renew,
    a_session_ends_after_its_lifetime,
    a_token_with_another_session_key_is_refused,
    a_refresh_token_is_accepted_while_it_could_be_exchanged,
}

async fn given(ports: &Ports) -> (SessionId, RefreshGrant) {
    let user = given::user(ports).await;
    let (login, refresh) = given::login(ports, user.id).await;
    (login.session.id, refresh)
}

async fn run(ports: &Ports, exchange: Exchange) -> Exchanged {
    ports.sessions.exchange(exchange).await.unwrap()
}

#[track_caller]
fn renewed(exchanged: Exchanged) -> Login {
    match exchanged {
        Exchanged::Renewed(login) => login,
        other => panic!("expected a renewed login, got {other:?}"),
    }
}

/// The session has the client of the exchange and expires with the next token.
async fn an_exchange_renews_the_session(ports: &Ports) {
    let user = given::user(ports).await;
    let (before, refresh) = given::login(ports, user.id).await;
    let mut step = exchange(before.session.id, &refresh);
    step.next.expires_at += TimeDelta::hours(1);
    let login = renewed(run(ports, step.clone()).await);
    assert_eq!(login.user, user);
    assert_eq!((login.session.id, login.session.created_at), (before.session.id, before.session.created_at));
    assert_eq!((login.session.last_used_at, login.session.expires_at), (step.at, step.next.expires_at));
    assert_eq!((login.session.ip, login.session.user_agent), (step.client.ip, step.client.user_agent));
    assert_eq!(blocklist(ports).await, []);
}

async fn tokens_are_exchanged_one_after_the_other(ports: &Ports) {
    let (id, mut refresh) = given(ports).await;
    for _ in 0..5 {
        let step = exchange(id, &refresh);
        refresh = step.next.clone();
        renewed(run(ports, step).await);
    }
}

/// The session stays as it is.
async fn an_unknown_token_is_refused(ports: &Ports) {
    let (id, refresh) = given(ports).await;
    assert_eq!(run(ports, exchange(id, &refresh_grant())).await, Exchanged::Refused);
    assert_eq!(blocklist(ports).await, []);
    renewed(run(ports, exchange(id, &refresh)).await);
}

/// It is refused from the moment at which it expires.
async fn an_expired_token_is_refused(ports: &Ports) {
    let (id, refresh) = given(ports).await;
    for late in [TimeDelta::zero(), TimeDelta::days(1)] {
        let step = Exchange { at: refresh.expires_at + late, ..exchange(id, &refresh) };
        assert_eq!(run(ports, step).await, Exchanged::Refused, "{late}");
    }
    let just_in_time = refresh.expires_at - TimeDelta::microseconds(1);
    renewed(run(ports, Exchange { at: just_in_time, ..exchange(id, &refresh) }).await);
}

/// It stays valid in its own session.
async fn a_token_of_another_session_is_refused_and_not_spent(ports: &Ports) {
    let ((id, refresh), (other, other_refresh)) = (given(ports).await, given(ports).await);
    assert_eq!(run(ports, exchange(other, &refresh)).await, Exchanged::Refused);
    renewed(run(ports, exchange(id, &refresh)).await);
    renewed(run(ports, exchange(other, &other_refresh)).await);
}

/// Both pairs of tokens are refused afterwards, and the blocklist has the session.
async fn reuse_of_a_spent_token_revokes_the_whole_session(ports: &Ports) {
    let user = given::user(ports).await;
    let (login, refresh) = given::login(ports, user.id).await;
    let (other, other_refresh) = given::login(ports, user.id).await;
    let id = login.session.id;
    let step = exchange(id, &refresh);
    renewed(run(ports, step.clone()).await);

    let reuse = Exchange { at: after(2), ..exchange(id, &refresh) };
    let handed_out = reuse.next.clone();
    assert_eq!(run(ports, reuse).await, Exchanged::Reused { session_id: id });
    assert_eq!(blocklist(ports).await, [Revocation::of_session(id, after(2))]);
    for dead in [step.next, handed_out] {
        assert_eq!(run(ports, exchange(id, &dead)).await, Exchanged::Refused);
    }
    renewed(run(ports, exchange(other.session.id, &other_refresh)).await);
}

async fn reuse_after_the_session_ended_is_reported_as_reuse(ports: &Ports) {
    let user = given::user(ports).await;
    let (login, refresh) = given::login(ports, user.id).await;
    let id = login.session.id;
    renewed(run(ports, exchange(id, &refresh)).await);
    assert_eq!(ports.sessions.end(vec![id], user.id, after(2)).await.unwrap().len(), 1);
    for _ in 0..2 {
        assert_eq!(run(ports, exchange(id, &refresh)).await, Exchanged::Reused { session_id: id });
    }
}

/// It was spent at `reusable_since` or later. Each pair that it is exchanged for is valid.
async fn a_token_spent_within_the_leeway_is_exchanged_again(ports: &Ports) {
    let (id, refresh) = given(ports).await;
    let spent_at = after(1);
    let mut handed_out = Vec::new();
    for since in [spent_at, spent_at, spent_at - TimeDelta::seconds(30)] {
        let step = Exchange { at: spent_at, reusable_since: Some(since), ..exchange(id, &refresh) };
        handed_out.push(step.next.clone());
        renewed(run(ports, step).await);
    }
    for next in handed_out {
        renewed(run(ports, exchange(id, &next)).await);
    }
    assert_eq!(blocklist(ports).await, []);
}

/// It was spent a microsecond before `reusable_since`.
async fn a_token_spent_before_the_leeway_is_reused(ports: &Ports) {
    let (id, refresh) = given(ports).await;
    let step = exchange(id, &refresh);
    renewed(run(ports, step.clone()).await);
    let reusable_since = Some(step.at + TimeDelta::microseconds(1));
    let again = Exchange { at: after(2), reusable_since, ..exchange(id, &refresh) };
    assert_eq!(run(ports, again).await, Exchanged::Reused { session_id: id });
    assert_eq!(blocklist(ports).await, [Revocation::of_session(id, after(2))]);
}

async fn the_leeway_does_not_revive_an_ended_session(ports: &Ports) {
    let user = given::user(ports).await;
    let (login, refresh) = given::login(ports, user.id).await;
    let step = exchange(login.session.id, &refresh);
    renewed(run(ports, step.clone()).await);
    assert_eq!(ports.sessions.end(vec![login.session.id], user.id, after(1)).await.unwrap().len(), 1);
    let again = Exchange { reusable_since: Some(step.at), ..exchange(login.session.id, &refresh) };
    let exchanged = run(ports, again).await;
    assert!(!matches!(exchanged, Exchanged::Renewed(_)), "{exchanged:?}");
}

/// A thief cannot be distinguished from the owner, so the session ends for both.
async fn simultaneous_exchanges_renew_once_and_end_the_session(ports: &Ports) {
    let (id, refresh) = given(ports).await;
    let results = simultaneously(20, |_| {
        let (sessions, step) = (ports.sessions.clone(), exchange(id, &refresh));
        async move { (step.next.clone(), sessions.exchange(step).await.unwrap()) }
    })
    .await;
    let (won, lost): (Vec<_>, Vec<_>) =
        results.into_iter().partition(|(_, exchanged)| matches!(exchanged, Exchanged::Renewed(_)));
    assert_eq!(won.len(), 1);
    assert!(lost.iter().all(|(_, exchanged)| *exchanged == Exchanged::Reused { session_id: id }), "{lost:?}");
    assert!(blocklist(ports).await.contains(&Revocation::of_session(id, after(1))));
    for (next, _) in won.into_iter().chain(lost) {
        assert_eq!(run(ports, exchange(id, &next)).await, Exchanged::Refused);
    }
}

/// Several tabs of one client stay logged in.
async fn simultaneous_exchanges_within_the_leeway_all_renew(ports: &Ports) {
    let (id, refresh) = given(ports).await;
    let handed_out = simultaneously(20, |_| {
        let step = exchange(id, &refresh);
        let step = Exchange { reusable_since: Some(step.at), ..step };
        let sessions = ports.sessions.clone();
        async move {
            let next = step.next.clone();
            renewed(sessions.exchange(step).await.unwrap());
            next
        }
    })
    .await;
    for next in handed_out {
        renewed(run(ports, exchange(id, &next)).await);
    }
    assert_eq!(blocklist(ports).await, []);
}

async fn simultaneous_exchanges_in_different_sessions_all_renew(ports: &Ports) {
    let user = given::user(ports).await;
    let mut logins = Vec::new();
    for _ in 0..10 {
        logins.push(given::login(ports, user.id).await);
    }
    let renewed = simultaneously(logins.len(), |i| {
        let (login, refresh) = &logins[i];
        let (sessions, step) = (ports.sessions.clone(), exchange(login.session.id, refresh));
        async move { renewed(sessions.exchange(step).await.unwrap()).session.id }
    })
    .await;
    assert!(logins.iter().all(|(login, _)| renewed.contains(&login.session.id)));
}

/// Renewals do not extend it.
async fn a_session_ends_after_its_lifetime(ports: &Ports) {
    let user = given::user(ports).await;
    let session_lifetime = Duration::from_secs(8 * 24 * 60 * 60);
    let end = (MOMENT + session_lifetime).trunc_subsecs(0);
    let (login, refresh) = given::login(ports, user.id).await;
    let at = MOMENT + TimeDelta::days(6);
    let next = RefreshGrant { expires_at: at + TimeDelta::days(7), ..refresh_grant() };
    let step = Exchange { at, next: next.clone(), session_lifetime, ..exchange(login.session.id, &refresh) };
    let renewed = renewed(run(ports, step).await);
    assert_eq!((renewed.session.created_at, renewed.session.expires_at), (MOMENT, end));
    let listed = ports.sessions.list(user.id, at, PageRequest::default()).await.unwrap();
    assert_eq!(listed.items, [renewed.session]);
    let late = Exchange { at: end, session_lifetime, ..exchange(login.session.id, &next) };
    assert_eq!(run(ports, late).await, Exchanged::Refused);

    // Another setting counts for sessions that began before it, too.
    let long = NewSession { refresh: RefreshGrant { expires_at: end, ..refresh_grant() }, ..new_session(user.id) };
    let refresh = long.refresh.clone();
    let login = given::session(ports, long).await;
    let session_lifetime = Duration::from_secs(24 * 60 * 60);
    let step = Exchange { at: MOMENT + TimeDelta::days(1), session_lifetime, ..exchange(login.session.id, &refresh) };
    assert_eq!(run(ports, step).await, Exchanged::Refused);
}

/// A token without a key is identified by its id alone.
async fn a_token_with_another_session_key_is_refused(ports: &Ports) {
    let user = given::user(ports).await;
    let another = Some(InstanceKey::new([9; InstanceKey::LENGTH]));
    let (login, refresh) = given::login(ports, user.id).await;
    let step = Exchange { session_key: another, ..exchange(login.session.id, &refresh) };
    assert_eq!(run(ports, step).await, Exchanged::Refused);
    let (login, refresh) = given::login(ports, user.id).await;
    let step = Exchange { session_key: Some(login.session.key), ..exchange(login.session.id, &refresh) };
    renewed(run(ports, step).await);
}

/// [`SessionRepository::accepts`] gives the answer of an exchange and spends nothing.
async fn a_refresh_token_is_accepted_while_it_could_be_exchanged(ports: &Ports) {
    let (user, other) = (given::user(ports).await, given::user(ports).await);
    let (login, refresh) = given::login(ports, user.id).await;
    let (over, over_refresh) = given::login(ports, user.id).await;
    assert_eq!(ports.sessions.end(vec![over.session.id], user.id, after(1)).await.unwrap().len(), 1);
    let claims = |login: &Login, refresh: &RefreshGrant| RefreshClaims {
        user_id: login.user.id,
        session_id: login.session.id,
        session_key: Some(login.session.key),
        token_id: refresh.token_id.clone(),
        expires_at: refresh.expires_at,
    };
    let good = claims(&login, &refresh);
    let accepts = async |claims, at| ports.sessions.accepts(claims, at).await.unwrap();
    for _ in 0..2 {
        assert!(accepts(good.clone(), after(1)).await);
        assert!(accepts(RefreshClaims { session_key: None, ..good.clone() }, after(1)).await);
    }
    for (case, wrong) in [
        ("another session", RefreshClaims { session_id: over.session.id, ..good.clone() }),
        ("another key", RefreshClaims { session_key: Some(over.session.key), ..good.clone() }),
        ("another user", RefreshClaims { user_id: other.id, ..good.clone() }),
        ("a token that was never handed out", claims(&login, &refresh_grant())),
        ("an ended session", claims(&over, &over_refresh)),
    ] {
        assert!(!accepts(wrong, after(1)).await, "{case}");
    }
    assert!(!accepts(good.clone(), refresh.expires_at).await);
    renewed(run(ports, exchange(login.session.id, &refresh)).await);
    assert!(!accepts(good, after(1)).await, "spent");
}
