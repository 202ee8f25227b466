//! Sessions: how they begin and end. How they go on: [`exchange`](super::exchange).

use super::simultaneously;
use crate::{
    Ports,
    builders::{MOMENT, after, exchange, new_session},
};
use fasttrack_domain::{
    id::{SessionId, UserId},
    page::{Limit, Page, PageRequest},
    session::{Client, Exchanged, MAX_SESSIONS, NewSession, RefreshGrant, Session},
    token::Revocation,
    user::UserPatch,
};

/// And when its refresh token expires.
pub async fn a_new_session_says_whose_it_is_and_from_where(ports: &Ports) {
    let user = ports.given_user().await;
    let new = new_session(user.id);
    let login = ports.open(new.clone()).await;
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

/// Absent stays absent, and a long name is not cut any further.
pub async fn a_client_that_tells_nothing_is_kept_as_such(ports: &Ports) {
    let user = ports.given_user().await;
    for client in [Client::default(), Client::new(Some("2001:db8::1".to_owned()), Some(&"漢".repeat(600)))] {
        let session = ports.open(NewSession { client: client.clone(), ..new_session(user.id) }).await.session;
        assert_eq!((session.ip, session.user_agent), (client.ip, client.user_agent));
    }
}

/// `Ok(None)`.
pub async fn nobody_and_the_deactivated_can_not_begin_a_session(ports: &Ports) {
    let user = ports.given_user().await;
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

/// Its refresh token, the one after it, and no other session.
pub async fn an_ended_session_is_refused_and_on_the_blocklist(ports: &Ports) {
    let user = ports.given_user().await;
    let (login, first) = ports.given_login(user.id).await;
    let (second, _) = ports.given_login(user.id).await;
    let (other, other_refresh) = ports.given_login(user.id).await;
    let step = exchange(login.session.id, &first);
    ports.sessions.exchange(step.clone()).await.unwrap();

    let ids = vec![login.session.id, second.session.id];
    let mut ended = ports.sessions.end(ids.clone(), user.id, after(2)).await.unwrap();
    assert_eq!(ports.blocklist().await, ended);
    ended.sort_by_key(|entry| format!("{entry:?}"));
    assert_eq!(ended, ids.into_iter().map(|id| Revocation::of_session(id, after(2))).collect::<Vec<_>>());
    let exchanged = ports.sessions.exchange(exchange(login.session.id, &step.next)).await.unwrap();
    assert_eq!(exchanged, Exchanged::Refused);
    let exchanged = ports.sessions.exchange(exchange(other.session.id, &other_refresh)).await.unwrap();
    assert!(matches!(exchanged, Exchanged::Renewed(_)), "{exchanged:?}");
}

/// Nothing ends, and no entry is made: unknown, somebody else's, ended before, or expired.
pub async fn what_is_no_live_session_of_the_user_does_not_end(ports: &Ports) {
    let (user, other) = (ports.given_user().await, ports.given_user().await);
    let (ended, _) = ports.given_login(user.id).await;
    let entries = ports.sessions.end(vec![ended.session.id], user.id, after(1)).await.unwrap();
    let (live, refresh) = ports.given_login(user.id).await;
    for (id, user_id, at) in [
        (SessionId::new(i64::MAX), user.id, after(2)),
        (live.session.id, other.id, after(2)),
        (ended.session.id, user.id, after(2)),
        (live.session.id, user.id, refresh.expires_at),
    ] {
        assert_eq!(ports.sessions.end(vec![id], user_id, at).await.unwrap(), [], "{id} {user_id} {at}");
    }
    assert_eq!(ports.blocklist().await, entries);
    let exchanged = ports.sessions.exchange(exchange(live.session.id, &refresh)).await.unwrap();
    assert!(matches!(exchanged, Exchanged::Renewed(_)), "{exchanged:?}");
}

/// The others find it ended.
pub async fn of_simultaneous_ends_one_ends_the_session(ports: &Ports) {
    let user = ports.given_user().await;
    let (login, _) = ports.given_login(user.id).await;
    let ended = simultaneously(20, |_| {
        let sessions = ports.sessions.clone();
        async move { !sessions.end(vec![login.session.id], user.id, after(1)).await.unwrap().is_empty() }
    })
    .await;
    assert_eq!(ended.into_iter().filter(|ended| *ended).count(), 1);
}

/// Expired or ended before the moment, with their tokens; no live one.
pub async fn sessions_that_are_long_over_are_forgotten(ports: &Ports) {
    let user = ports.given_user().await;
    let long_lived = after(60 * 24 * 30);
    let begin = async |expires_at| {
        let session = new_session(user.id);
        let refresh = RefreshGrant { expires_at, ..session.refresh.clone() };
        (ports.open(NewSession { refresh: refresh.clone(), ..session }).await.session.id, refresh)
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

/// With an entry on the blocklist; also where more than one live before, as before there was a bound.
pub async fn one_session_more_than_allowed_ends_the_oldest(ports: &Ports) {
    let (user, other) = (ports.given_user().await, ports.given_user().await);
    let (others, _) = ports.given_login(other.id).await;
    let mut logins = Vec::new();
    for _ in 0..MAX_SESSIONS {
        logins.push(ports.given_login(user.id).await);
    }
    assert_eq!(ports.blocklist().await, []);
    let opened = ports.sessions.open(new_session(user.id)).await.unwrap().unwrap();
    let (oldest, refresh) = logins.remove(0);
    assert_eq!(opened.revocations, [Revocation::of_session(oldest.session.id, MOMENT)]);
    assert_eq!(ports.blocklist().await, opened.revocations);
    let exchanged = ports.sessions.exchange(exchange(oldest.session.id, &refresh)).await.unwrap();
    assert_eq!(exchanged, Exchanged::Refused);
    let (second, refresh) = &logins[0];
    let exchanged = ports.sessions.exchange(exchange(second.session.id, refresh)).await.unwrap();
    assert!(matches!(exchanged, Exchanged::Renewed(_)), "{exchanged:?}");
    assert_eq!(ports.sessions.list(other.id, after(1), PageRequest::default()).await.unwrap().items, [others.session]);
}

/// Each counts those that were before it.
pub async fn simultaneous_logins_leave_no_more_sessions_than_allowed(ports: &Ports) {
    let user = ports.given_user().await;
    for _ in 0..MAX_SESSIONS - 2 {
        ports.given_login(user.id).await;
    }
    simultaneously(6, |_| {
        let sessions = ports.sessions.clone();
        async move { sessions.open(new_session(user.id)).await.unwrap().unwrap() }
    })
    .await;
    let page = PageRequest { limit: Limit::new(100).unwrap(), cursor: None };
    let live = ports.sessions.list(user.id, after(1), page).await.unwrap().items;
    assert_eq!(live.len(), 50);
    assert_eq!(ports.blocklist().await.len(), 4);
}

/// Not what has ended or expired, and not those of others; as their last exchange left them.
pub async fn live_sessions_are_listed_the_newest_first(ports: &Ports) {
    let (user, other) = (ports.given_user().await, ports.given_user().await);
    ports.given_login(other.id).await;
    let (first, refresh) = ports.given_login(user.id).await;
    let (ended, _) = ports.given_login(user.id).await;
    assert_eq!(ports.sessions.end(vec![ended.session.id], user.id, after(1)).await.unwrap().len(), 1);
    let session = new_session(user.id);
    let short = RefreshGrant { expires_at: after(9), ..session.refresh.clone() };
    let expiring = ports.open(NewSession { refresh: short, ..session }).await;
    let (newest, _) = ports.given_login(user.id).await;
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

/// Each page begins behind the last one of the page before, though that may have ended.
pub async fn pages_of_sessions_are_walked_while_they_come_and_go(ports: &Ports) {
    let user = ports.given_user().await;
    let mut standing = Vec::new();
    for _ in 0..9 {
        standing.push(ports.given_login(user.id).await.0.session.id);
    }
    let (mut seen, mut page) = (Vec::new(), PageRequest { limit: Limit::new(2).unwrap(), cursor: None });
    loop {
        let found = ports.sessions.list(user.id, after(1), page).await.unwrap();
        seen.extend(found.items.iter().map(|session| session.id));
        let Some(cursor) = found.next else { break };
        assert_eq!(ports.sessions.end(vec![SessionId::new(cursor.id())], user.id, after(1)).await.unwrap().len(), 1);
        ports.given_login(user.id).await;
        page.cursor = Some(cursor);
    }
    standing.reverse();
    assert_eq!(seen, standing);
}
