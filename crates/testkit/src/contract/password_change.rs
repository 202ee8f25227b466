//! Changes of a password by its owner, and logins at the same time.

use super::{blocklist, simultaneously};
use crate::{
    builders::{after, exchange, new_session},
    given,
};
use fasttrack_domain::{
    id::{SessionId, UserId},
    page::PageRequest,
    password::{PasswordChange, PasswordHash},
    ports::{revocation::RevocationRepository, session::SessionRepository, user::UserRepository},
    revocation::Revocation,
    session::{Exchanged, NewSession},
    user::{NewUser, User, UserPatch},
};

contract! { $
    password_change { users: UserRepository, sessions: SessionRepository, revocations: RevocationRepository }
    a_change_ends_every_other_session_and_keeps_the_epoch,
    a_change_without_a_kept_session_ends_all,
    a_change_on_another_password_changes_nothing,
    one_of_simultaneous_password_changes_is_committed,
    a_replaced_password_opens_no_session,
    no_concurrent_login_outlives_a_change,
}

fn hash(of: &str) -> PasswordHash {
    PasswordHash::new(of.to_owned())
}

/// With the password `old`.
async fn given_user(ports: &Ports) -> User {
    let new = NewUser { password_hash: Some(hash("old")), ..crate::builders::new_user() };
    ports.users.create(new).await.unwrap()
}

/// From `old` to `new`, one minute later.
fn change(user: UserId, kept: Option<SessionId>) -> PasswordChange {
    PasswordChange { user_id: user, proven_by: hash("old"), password: hash("new"), kept, at: after(1) }
}

async fn live(ports: &Ports, user: UserId) -> Vec<SessionId> {
    let page = ports.sessions.list(user, after(2), PageRequest::default()).await.unwrap();
    page.items.into_iter().map(|session| session.id).collect()
}

/// Each session that ends has an entry on the blocklist. Sessions of other users stay.
async fn a_change_ends_every_other_session_and_keeps_the_epoch(ports: &Ports) {
    let (user, other) = (given_user(ports).await, given_user(ports).await);
    let (kept, kept_refresh) = given::login(ports, user.id).await;
    let ended = [given::login(ports, user.id).await, given::login(ports, user.id).await];
    let (over, _) = given::login(ports, user.id).await;
    let before = ports.sessions.end(vec![over.session.id], user.id, after(0)).await.unwrap();
    let (others, others_refresh) = given::login(ports, other.id).await;

    let entries = ports.users.change_password(change(user.id, Some(kept.session.id))).await.unwrap().unwrap();
    assert_eq!(blocklist(ports).await, [before, entries.clone()].concat());
    let mut entries = entries;
    entries.sort_by_key(|entry| format!("{entry:?}"));
    assert_eq!(entries, ended.each_ref().map(|(login, _)| Revocation::of_session(login.session.id, after(1))));
    let credentials = ports.users.credentials(user.id).await.unwrap().unwrap();
    assert_eq!(credentials.password_hash, Some(hash("new")));
    assert_eq!(credentials.user, User { version: user.version + 1, updated_at: after(1), ..user });

    for (login, refresh) in ended {
        let exchanged = ports.sessions.exchange(exchange(login.session.id, &refresh)).await.unwrap();
        assert_eq!(exchanged, Exchanged::Refused);
    }
    for (login, refresh) in [(kept, kept_refresh), (others, others_refresh)] {
        let exchanged = ports.sessions.exchange(exchange(login.session.id, &refresh)).await.unwrap();
        assert!(matches!(exchanged, Exchanged::Renewed(_)), "{exchanged:?}");
    }
}

/// The same holds where the kept session is another user's.
async fn a_change_without_a_kept_session_ends_all(ports: &Ports) {
    let (user, other) = (given_user(ports).await, given_user(ports).await);
    let (others, _) = given::login(ports, other.id).await;
    given::login(ports, user.id).await;
    assert_eq!(ports.users.change_password(change(user.id, None)).await.unwrap().unwrap().len(), 1);
    given::login(ports, user.id).await;
    let back = PasswordChange { proven_by: hash("new"), ..change(user.id, Some(others.session.id)) };
    assert_eq!(ports.users.change_password(back).await.unwrap().unwrap().len(), 1);
    assert_eq!((live(ports, user.id).await, live(ports, other.id).await), (vec![], vec![others.session.id]));
}

/// `Ok(None)` for another password, an unknown user, an account without password and an inactive one.
async fn a_change_on_another_password_changes_nothing(ports: &Ports) {
    let (user, off) = (given_user(ports).await, given_user(ports).await);
    let without = ports.users.create(NewUser { password_hash: None, ..crate::builders::new_user() }).await.unwrap();
    let deactivated = off.apply(UserPatch { is_active: Some(false), ..UserPatch::default() }, after(1)).unwrap();
    ports.users.save(deactivated, None).await.unwrap().unwrap();
    let (login, _) = given::login(ports, user.id).await;
    let wrong = PasswordChange { proven_by: hash("older"), ..change(user.id, None) };
    let nobody = change(UserId::new(i64::MAX), None);
    for change in [wrong, nobody, change(without.id, None), change(off.id, None)] {
        assert_eq!(ports.users.change_password(change.clone()).await.unwrap(), None, "{change:?}");
    }
    let credentials = ports.users.credentials(user.id).await.unwrap().unwrap();
    assert_eq!((credentials.user, credentials.password_hash), (user.clone(), Some(hash("old"))));
    assert_eq!(live(ports, user.id).await, [login.session.id]);
    assert_eq!(blocklist(ports).await, []);
    assert_eq!(ports.users.credentials(UserId::new(i64::MAX)).await.unwrap(), None);
}

async fn one_of_simultaneous_password_changes_is_committed(ports: &Ports) {
    let user = given_user(ports).await;
    let mut sessions = Vec::new();
    for _ in 0..20 {
        sessions.push(given::login(ports, user.id).await.0.session.id);
    }
    let made = simultaneously(20, |i| {
        let password = hash(&format!("new-{i}"));
        let (users, change) = (ports.users.clone(), PasswordChange { password, ..change(user.id, Some(sessions[i])) });
        async move { users.change_password(change.clone()).await.unwrap().map(|_| change) }
    })
    .await;
    let [winner] = made.into_iter().flatten().collect::<Vec<_>>().try_into().unwrap();
    let credentials = ports.users.credentials(user.id).await.unwrap().unwrap();
    assert_eq!((credentials.password_hash, credentials.user.version), (Some(winner.password), user.version + 1));
    assert_eq!(live(ports, user.id).await, [winner.kept.unwrap()]);
    assert_eq!(blocklist(ports).await.len(), 19);
}

async fn a_replaced_password_opens_no_session(ports: &Ports) {
    let user = given_user(ports).await;
    let proven_by = |of: &str| NewSession { proven_by: Some(hash(of)), ..new_session(user.id) };
    given::session(ports, proven_by("old")).await;
    ports.users.change_password(change(user.id, None)).await.unwrap().unwrap();
    assert_eq!(ports.sessions.open(proven_by("old")).await.unwrap(), None);
    let login = given::session(ports, proven_by("new")).await;
    assert_eq!(live(ports, user.id).await, [login.session.id]);
}

async fn no_concurrent_login_outlives_a_change(ports: &Ports) {
    for _ in 0..10 {
        let user = given_user(ports).await;
        simultaneously(10, |i| {
            let (users, sessions) = (ports.users.clone(), ports.sessions.clone());
            let session = NewSession { proven_by: Some(hash("old")), ..new_session(user.id) };
            async move {
                if i == 5 {
                    users.change_password(change(user.id, None)).await.unwrap().unwrap();
                } else {
                    sessions.open(session).await.unwrap();
                }
            }
        })
        .await;
        assert_eq!(live(ports, user.id).await, []);
    }
}
