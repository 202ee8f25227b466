//! Exchange of refresh tokens: rotation, and what happens when a spent one comes back (RFC 9700 section 4.14.2).

use super::simultaneously;
use crate::{
    Ports,
    builders::{after, exchange, refresh_grant, revocation},
};
use chrono::TimeDelta;
use fasttrack_domain::{
    Timestamp,
    id::SessionId,
    session::{Exchange, Exchanged, Login, RefreshGrant},
    token::{Revocation, Revoked},
};

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

fn blocked(session: SessionId, until: Timestamp) -> Revocation {
    Revocation { subject: Revoked::Session(session), until }
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

/// The thief's pair and the victim's alike; the blocklist has the session for as long as was asked.
pub async fn reuse_of_a_spent_token_revokes_the_whole_session(ports: &Ports) {
    let user = ports.given_user().await;
    let (login, refresh) = ports.given_login(user.id).await;
    let (other, other_refresh) = ports.given_login(user.id).await;
    let id = login.session.id;
    let step = exchange(id, &refresh);
    renewed(run(ports, step.clone()).await);

    let reuse = Exchange { at: after(2), block_until: after(17), ..exchange(id, &refresh) };
    let handed_out = reuse.next.clone();
    assert_eq!(run(ports, reuse).await, Exchanged::Reused { session_id: id });
    assert_eq!(ports.blocklist().await, [blocked(id, after(17))]);
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
    assert!(ports.sessions.end(id, user.id, after(2), vec![revocation(Revoked::Session(id))]).await.unwrap());
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
    assert_eq!(ports.blocklist().await, [blocked(id, after(16))]);
}

/// Who logged out stays logged out.
pub async fn the_leeway_does_not_bring_an_ended_session_back(ports: &Ports) {
    let user = ports.given_user().await;
    let (login, refresh) = ports.given_login(user.id).await;
    let step = exchange(login.session.id, &refresh);
    renewed(run(ports, step.clone()).await);
    assert!(ports.sessions.end(login.session.id, user.id, after(1), vec![]).await.unwrap());
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
    assert!(ports.blocklist().await.contains(&blocked(id, after(16))));
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
