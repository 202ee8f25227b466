//! Exchange of refresh tokens: rotation, and what happens when a spent one comes back (RFC 9700 section 4.14.2).

use super::simultaneously;
use crate::{
    Ports,
    builders::{MOMENT, after, exchange, new_session, refresh_grant},
};
use chrono::{SubsecRound, TimeDelta};
use fasttrack_domain::{
    id::SessionId,
    key::InstanceKey,
    page::PageRequest,
    session::{Exchange, Exchanged, Login, NewSession, RefreshGrant},
    token::{RefreshClaims, Revocation},
};
use std::time::Duration;

async fn given(ports: &Ports) -> (SessionId, RefreshGrant) {
    let user = ports.given_user().await;
    let (login, refresh) = ports.given_login(user.id).await;
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

/// The same session, used from where the exchange came and good for as long as the next token.
pub async fn an_exchange_renews_the_session(ports: &Ports) {
    let user = ports.given_user().await;
    let (before, refresh) = ports.given_login(user.id).await;
    let mut step = exchange(before.session.id, &refresh);
    step.next.expires_at += TimeDelta::hours(1);
    let login = renewed(run(ports, step.clone()).await);
    assert_eq!(login.user, user);
    assert_eq!((login.session.id, login.session.created_at), (before.session.id, before.session.created_at));
    assert_eq!((login.session.last_used_at, login.session.expires_at), (step.at, step.next.expires_at));
    assert_eq!((login.session.ip, login.session.user_agent), (step.client.ip, step.client.user_agent));
    assert_eq!(ports.blocklist().await, []);
}

/// Each for the next.
pub async fn tokens_can_be_exchanged_one_after_the_other(ports: &Ports) {
    let (id, mut refresh) = given(ports).await;
    for _ in 0..5 {
        let step = exchange(id, &refresh);
        refresh = step.next.clone();
        renewed(run(ports, step).await);
    }
}

/// `Refused`, and no session is touched by it.
pub async fn a_token_that_was_never_handed_out_is_refused(ports: &Ports) {
    let (id, refresh) = given(ports).await;
    assert_eq!(run(ports, exchange(id, &refresh_grant())).await, Exchanged::Refused);
    assert_eq!(ports.blocklist().await, []);
    renewed(run(ports, exchange(id, &refresh)).await);
}

/// `Refused` from the moment on at which it expires.
pub async fn an_expired_token_is_refused(ports: &Ports) {
    let (id, refresh) = given(ports).await;
    for late in [TimeDelta::zero(), TimeDelta::days(1)] {
        let step = Exchange { at: refresh.expires_at + late, ..exchange(id, &refresh) };
        assert_eq!(run(ports, step).await, Exchanged::Refused, "{late}");
    }
    let just_in_time = refresh.expires_at - TimeDelta::microseconds(1);
    renewed(run(ports, Exchange { at: just_in_time, ..exchange(id, &refresh) }).await);
}

/// `Refused`, and good in its own session afterwards.
pub async fn a_token_of_another_session_is_refused_and_not_spent(ports: &Ports) {
    let ((id, refresh), (other, other_refresh)) = (given(ports).await, given(ports).await);
    assert_eq!(run(ports, exchange(other, &refresh)).await, Exchanged::Refused);
    renewed(run(ports, exchange(id, &refresh)).await);
    renewed(run(ports, exchange(other, &other_refresh)).await);
}

/// The thief's pair and the victim's alike; the blocklist has the session.
pub async fn reuse_of_a_spent_token_revokes_the_whole_session(ports: &Ports) {
    let user = ports.given_user().await;
    let (login, refresh) = ports.given_login(user.id).await;
    let (other, other_refresh) = ports.given_login(user.id).await;
    let id = login.session.id;
    let step = exchange(id, &refresh);
    renewed(run(ports, step.clone()).await);

    let reuse = Exchange { at: after(2), ..exchange(id, &refresh) };
    let handed_out = reuse.next.clone();
    assert_eq!(run(ports, reuse).await, Exchanged::Reused { session_id: id });
    assert_eq!(ports.blocklist().await, [Revocation::of_session(id, after(2))]);
    for dead in [step.next, handed_out] {
        assert_eq!(run(ports, exchange(id, &dead)).await, Exchanged::Refused);
    }
    renewed(run(ports, exchange(other.session.id, &other_refresh)).await);
}

/// A thief that comes late is told from a client that came late.
pub async fn reuse_after_the_session_is_over_is_told_as_reuse(ports: &Ports) {
    let user = ports.given_user().await;
    let (login, refresh) = ports.given_login(user.id).await;
    let id = login.session.id;
    renewed(run(ports, exchange(id, &refresh)).await);
    assert_eq!(ports.sessions.end(vec![id], user.id, after(2)).await.unwrap().len(), 1);
    for _ in 0..2 {
        assert_eq!(run(ports, exchange(id, &refresh)).await, Exchanged::Reused { session_id: id });
    }
}

/// At `reusable_since` or later: every pair of it is good.
pub async fn a_token_spent_within_the_leeway_is_exchanged_again(ports: &Ports) {
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
    assert_eq!(ports.blocklist().await, []);
}

/// By a microsecond.
pub async fn a_token_spent_before_the_leeway_is_reused(ports: &Ports) {
    let (id, refresh) = given(ports).await;
    let step = exchange(id, &refresh);
    renewed(run(ports, step.clone()).await);
    let reusable_since = Some(step.at + TimeDelta::microseconds(1));
    let again = Exchange { at: after(2), reusable_since, ..exchange(id, &refresh) };
    assert_eq!(run(ports, again).await, Exchanged::Reused { session_id: id });
    assert_eq!(ports.blocklist().await, [Revocation::of_session(id, after(2))]);
}

/// Who logged out stays logged out.
pub async fn the_leeway_does_not_bring_an_ended_session_back(ports: &Ports) {
    let user = ports.given_user().await;
    let (login, refresh) = ports.given_login(user.id).await;
    let step = exchange(login.session.id, &refresh);
    renewed(run(ports, step.clone()).await);
    assert_eq!(ports.sessions.end(vec![login.session.id], user.id, after(1)).await.unwrap().len(), 1);
    let again = Exchange { reusable_since: Some(step.at), ..exchange(login.session.id, &refresh) };
    let exchanged = run(ports, again).await;
    assert!(!matches!(exchanged, Exchanged::Renewed(_)), "{exchanged:?}");
}

/// Who can't tell the thief from the victim must stop both.
pub async fn of_simultaneous_exchanges_of_one_token_one_renews_and_the_session_is_over(ports: &Ports) {
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
    assert!(ports.blocklist().await.contains(&Revocation::of_session(id, after(1))));
    for (next, _) in won.into_iter().chain(lost) {
        assert_eq!(run(ports, exchange(id, &next)).await, Exchanged::Refused);
    }
}

/// For clients with several tabs: none of them is thrown out.
pub async fn simultaneous_exchanges_within_the_leeway_all_renew(ports: &Ports) {
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
    assert_eq!(ports.blocklist().await, []);
}

/// They have nothing to do with each other.
pub async fn simultaneous_exchanges_in_different_sessions_all_renew(ports: &Ports) {
    let user = ports.given_user().await;
    let mut logins = Vec::new();
    for _ in 0..10 {
        logins.push(ports.given_login(user.id).await);
    }
    let renewed = simultaneously(logins.len(), |i| {
        let (login, refresh) = &logins[i];
        let (sessions, step) = (ports.sessions.clone(), exchange(login.session.id, refresh));
        async move { renewed(sessions.exchange(step).await.unwrap()).session.id }
    })
    .await;
    assert!(logins.iter().all(|(login, _)| renewed.contains(&login.session.id)));
}

/// However often it was renewed: no token is good beyond that, and from then on none is exchanged.
pub async fn a_session_ends_so_long_after_its_login(ports: &Ports) {
    let user = ports.given_user().await;
    let session_lifetime = Duration::from_hours(8 * 24);
    let end = (MOMENT + session_lifetime).trunc_subsecs(0);
    let (login, refresh) = ports.given_login(user.id).await;
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
    let login = ports.open(long).await;
    let session_lifetime = Duration::from_hours(24);
    let step = Exchange { at: MOMENT + TimeDelta::days(1), session_lifetime, ..exchange(login.session.id, &refresh) };
    assert_eq!(run(ports, step).await, Exchanged::Refused);
}

/// A token without a key is known by its id alone.
pub async fn a_token_of_another_session_with_that_id_is_refused(ports: &Ports) {
    let user = ports.given_user().await;
    let another = Some(InstanceKey::new([9; InstanceKey::LENGTH]));
    let (login, refresh) = ports.given_login(user.id).await;
    let step = Exchange { session_key: another, ..exchange(login.session.id, &refresh) };
    assert_eq!(run(ports, step).await, Exchanged::Refused);
    let (login, refresh) = ports.given_login(user.id).await;
    let step = Exchange { session_key: Some(login.session.key), ..exchange(login.session.id, &refresh) };
    renewed(run(ports, step).await);
}

/// [`accepts`](fasttrack_domain::ports::session::SessionRepository::accepts) says the same, and spends nothing.
pub async fn a_refresh_token_is_accepted_while_it_could_be_exchanged(ports: &Ports) {
    let (user, other) = (ports.given_user().await, ports.given_user().await);
    let (login, refresh) = ports.given_login(user.id).await;
    let (over, over_refresh) = ports.given_login(user.id).await;
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
