//! Sessions: how they begin and end. How they are renewed: [`exchange`](super::exchange).

use super::{blocklist, simultaneously};
use crate::{
    builders::{MOMENT, after, exchange, new_session},
    given,
};
use fasttrack_domain::{
    id::{SessionId, UserId},
    page::{Limit, Page, PageRequest},
    ports::{revocation::RevocationRepository, session::SessionRepository, user::UserRepository},
    revocation::Revocation,
    session::{Client, Exchanged, MAX_SESSIONS, NewSession, RefreshGrant, Session},
    user::UserPatch,
};

contract! { $
    session { users: UserRepository, sessions: SessionRepository, revocations: RevocationRepository }
    a_new_session_has_its_user_and_client,
    an_empty_client_is_stored_unchanged,
    unknown_and_inactive_users_cannot_open_a_session,
    an_ended_session_is_refused_and_on_the_blocklist,
    only_live_sessions_of_the_user_are_ended,
    one_of_simultaneous_calls_ends_the_session,
    sessions_over_before_the_given_moment_are_deleted,
    a_session_beyond_the_limit_ends_the_oldest,
    simultaneous_logins_do_not_exceed_the_session_limit,
    live_sessions_are_listed_the_newest_first,
    pages_of_sessions_stay_consistent_while_rows_change,
}

async fn a_new_session_has_its_user_and_client(ports: &Ports) {
    let user = given::user(ports).await;
    let new = new_session(user.id);
    let login = given::session(ports, new.clone()).await;
    let expected = Session {
        id: login.session.id,
        user_id: user.id,
        created_at: MOMENT,
        last_used_at: MOMENT,
        expires_at: new.refresh.expires_at,
        ip: new.client.ip,
        user_agent: new.client.user_agent,
        key: login.session.key,
    };
    assert_eq!((login.session, login.user), (expected, user));
}

/// A long user agent is not cut any further.
async fn an_empty_client_is_stored_unchanged(ports: &Ports) {
    let user = given::user(ports).await;
    for client in [Client::default(), Client::new(Some("2001:db8::1".to_owned()), Some(&"漢".repeat(600)))] {
        let session =
            given::session(ports, NewSession { client: client.clone(), ..new_session(user.id) }).await.session;
        assert_eq!((session.ip, session.user_agent), (client.ip, client.user_agent));
    }
}

async fn unknown_and_inactive_users_cannot_open_a_session(ports: &Ports) {
    let user = given::user(ports).await;
    let off = user.apply(UserPatch { is_active: Some(false), ..UserPatch::default() }, after(1)).unwrap();
    ports.users.save(off, None).await.unwrap().unwrap();
    for id in [user.id, UserId::new(i64::MAX)] {
        let session = new_session(id);
        let refresh = session.refresh.clone();
        assert_eq!(ports.sessions.open(session).await.unwrap(), None, "{id}");
        let exchanged = ports.sessions.exchange(exchange(SessionId::new(1), &refresh)).await.unwrap();
        assert_eq!(exchanged, Exchanged::Refused, "nothing was begun");
    }
}

async fn an_ended_session_is_refused_and_on_the_blocklist(ports: &Ports) {
    let user = given::user(ports).await;
    let (login, first) = given::login(ports, user.id).await;
    let (second, _) = given::login(ports, user.id).await;
    let (other, other_refresh) = given::login(ports, user.id).await;
    let step = exchange(login.session.id, &first);
    ports.sessions.exchange(step.clone()).await.unwrap();

    let ids = vec![login.session.id, second.session.id];
    let mut ended = ports.sessions.end(ids.clone(), user.id, after(2)).await.unwrap();
    assert_eq!(blocklist(ports).await, ended);
    ended.sort_by_key(|entry| format!("{entry:?}"));
    assert_eq!(ended, ids.into_iter().map(|id| Revocation::of_session(id, after(2))).collect::<Vec<_>>());
    let exchanged = ports.sessions.exchange(exchange(login.session.id, &step.next)).await.unwrap();
    assert_eq!(exchanged, Exchanged::Refused);
    let exchanged = ports.sessions.exchange(exchange(other.session.id, &other_refresh)).await.unwrap();
    assert!(matches!(exchanged, Exchanged::Renewed(_)), "{exchanged:?}");
}

/// An unknown, ended or expired session and another user's make no entry on the blocklist.
async fn only_live_sessions_of_the_user_are_ended(ports: &Ports) {
    let (user, other) = (given::user(ports).await, given::user(ports).await);
    let (ended, _) = given::login(ports, user.id).await;
    let entries = ports.sessions.end(vec![ended.session.id], user.id, after(1)).await.unwrap();
    let (live, refresh) = given::login(ports, user.id).await;
    for (id, user_id, at) in [
        (SessionId::new(i64::MAX), user.id, after(2)),
        (live.session.id, other.id, after(2)),
        (ended.session.id, user.id, after(2)),
        (live.session.id, user.id, refresh.expires_at),
    ] {
        assert_eq!(ports.sessions.end(vec![id], user_id, at).await.unwrap(), [], "{id} {user_id} {at}");
    }
    assert_eq!(blocklist(ports).await, entries);
    let exchanged = ports.sessions.exchange(exchange(live.session.id, &refresh)).await.unwrap();
    assert!(matches!(exchanged, Exchanged::Renewed(_)), "{exchanged:?}");
}

async fn one_of_simultaneous_calls_ends_the_session(ports: &Ports) {
    let user = given::user(ports).await;
    let (login, _) = given::login(ports, user.id).await;
    let ended = simultaneously(20, |_| {
        let sessions = ports.sessions.clone();
        async move { !sessions.end(vec![login.session.id], user.id, after(1)).await.unwrap().is_empty() }
    })
    .await;
    assert_eq!(ended.into_iter().filter(|ended| *ended).count(), 1);
}

/// Their refresh tokens are deleted with them. Live sessions stay.
async fn sessions_over_before_the_given_moment_are_deleted(ports: &Ports) {
    let user = given::user(ports).await;
    let long_lived = after(60 * 24 * 30);
    let begin = async |expires_at| {
        let session = new_session(user.id);
        let refresh = RefreshGrant { expires_at, ..session.refresh.clone() };
        (given::session(ports, NewSession { refresh: refresh.clone(), ..session }).await.session.id, refresh)
    };
    let (expired, expired_refresh) = begin(after(9)).await;
    let (ended_early, early_refresh) = begin(long_lived).await;
    let (ended_late, late_refresh) = begin(long_lived).await;
    let (live, live_refresh) = begin(long_lived).await;
    for (id, refresh, at) in [(ended_early, &early_refresh, after(9)), (ended_late, &late_refresh, after(11))] {
        ports.sessions.exchange(exchange(id, refresh)).await.unwrap();
        assert_eq!(ports.sessions.end(vec![id], user.id, at).await.unwrap().len(), 1);
    }

    assert_eq!(ports.sessions.delete_expired(after(10)).await.unwrap(), 2);
    assert_eq!(ports.sessions.delete_expired(after(10)).await.unwrap(), 0);
    let exchanged = async |id, refresh| ports.sessions.exchange(exchange(id, refresh)).await.unwrap();
    assert_eq!(exchanged(expired, &expired_refresh).await, Exchanged::Refused);
    // A spent token that is forgotten with its session can't be told from one that never was.
    assert_eq!(exchanged(ended_early, &early_refresh).await, Exchanged::Refused);
    assert_eq!(exchanged(ended_late, &late_refresh).await, Exchanged::Reused { session_id: ended_late });
    assert!(matches!(exchanged(live, &live_refresh).await, Exchanged::Renewed(_)));
}

/// The oldest session has an entry on the blocklist.
async fn a_session_beyond_the_limit_ends_the_oldest(ports: &Ports) {
    let (user, other) = (given::user(ports).await, given::user(ports).await);
    let (others, _) = given::login(ports, other.id).await;
    let mut logins = Vec::new();
    for _ in 0..MAX_SESSIONS {
        logins.push(given::login(ports, user.id).await);
    }
    assert_eq!(blocklist(ports).await, []);
    let opened = ports.sessions.open(new_session(user.id)).await.unwrap().unwrap();
    let (oldest, refresh) = logins.remove(0);
    assert_eq!(opened.revocations, [Revocation::of_session(oldest.session.id, MOMENT)]);
    assert_eq!(blocklist(ports).await, opened.revocations);
    let exchanged = ports.sessions.exchange(exchange(oldest.session.id, &refresh)).await.unwrap();
    assert_eq!(exchanged, Exchanged::Refused);
    let (second, refresh) = &logins[0];
    let exchanged = ports.sessions.exchange(exchange(second.session.id, refresh)).await.unwrap();
    assert!(matches!(exchanged, Exchanged::Renewed(_)), "{exchanged:?}");
    assert_eq!(ports.sessions.list(other.id, after(1), PageRequest::default()).await.unwrap().items, [others.session]);
}

async fn simultaneous_logins_do_not_exceed_the_session_limit(ports: &Ports) {
    let user = given::user(ports).await;
    for _ in 0..MAX_SESSIONS - 2 {
        given::login(ports, user.id).await;
    }
    simultaneously(6, |_| {
        let sessions = ports.sessions.clone();
        async move { sessions.open(new_session(user.id)).await.unwrap().unwrap() }
    })
    .await;
    let page = PageRequest { limit: Limit::new(100).unwrap(), cursor: None };
    let live = ports.sessions.list(user.id, after(1), page).await.unwrap().items;
    assert_eq!(live.len(), 50);
    assert_eq!(blocklist(ports).await.len(), 4);
}

/// Each is listed as its last exchange left it.
async fn live_sessions_are_listed_the_newest_first(ports: &Ports) {
    let (user, other) = (given::user(ports).await, given::user(ports).await);
    given::login(ports, other.id).await;
    let (first, refresh) = given::login(ports, user.id).await;
    let (ended, _) = given::login(ports, user.id).await;
    assert_eq!(ports.sessions.end(vec![ended.session.id], user.id, after(1)).await.unwrap().len(), 1);
    let session = new_session(user.id);
    let short = RefreshGrant { expires_at: after(9), ..session.refresh.clone() };
    let expiring = given::session(ports, NewSession { refresh: short, ..session }).await;
    let (newest, _) = given::login(ports, user.id).await;
    let Exchanged::Renewed(first) = ports.sessions.exchange(exchange(first.session.id, &refresh)).await.unwrap() else {
        panic!("it was good")
    };

    let list = async |now| ports.sessions.list(user.id, now, PageRequest::default()).await.unwrap();
    let (first, newest, expiring) = (first.session, newest.session, expiring.session);
    assert_eq!(list(after(8)).await, Page { items: vec![newest.clone(), expiring, first.clone()], next: None });
    assert_eq!(list(after(9)).await, Page { items: vec![newest, first], next: None });
    let nobodys = ports.sessions.list(UserId::new(i64::MAX), after(2), PageRequest::default()).await.unwrap();
    assert_eq!(nobodys, Page { items: vec![], next: None });
}

/// The last session of a page may have ended when the next page is read.
async fn pages_of_sessions_stay_consistent_while_rows_change(ports: &Ports) {
    let user = given::user(ports).await;
    let mut standing = Vec::new();
    for _ in 0..9 {
        standing.push(given::login(ports, user.id).await.0.session.id);
    }
    let (mut seen, mut page) = (Vec::new(), PageRequest { limit: Limit::new(2).unwrap(), cursor: None });
    loop {
        let found = ports.sessions.list(user.id, after(1), page).await.unwrap();
        seen.extend(found.items.iter().map(|session| session.id));
        let Some(cursor) = found.next else { break };
        assert_eq!(ports.sessions.end(vec![SessionId::new(cursor.id())], user.id, after(1)).await.unwrap().len(), 1);
        given::login(ports, user.id).await;
        page.cursor = Some(cursor);
    }
    standing.reverse();
    assert_eq!(seen, standing);
}
