//! Accounts.

use super::{conflict, simultaneously};
use crate::{
    Ports,
    builders::{after, email, exchange, new_user, revocation, unicode},
};
use fasttrack_domain::{
    email::Email,
    id::UserId,
    page::PageRequest,
    password::PasswordHash,
    ports::constraint,
    session::Exchanged,
    text::DisplayName,
    token::{Revocation, Revoked},
    user::{NewUser, Role, User, UserChange, UserFilter, UserPatch},
};

fn change(user: &User, patch: UserPatch) -> UserChange {
    user.apply(patch, after(5)).unwrap()
}

fn renamed(user: &User, name: &str) -> UserChange {
    change(user, UserPatch { display_name: DisplayName::cut(name), ..UserPatch::default() })
}

fn with_address(user: &User, email: &Email) -> UserChange {
    change(user, UserPatch { email: Some(email.clone()), ..UserPatch::default() })
}

async fn count(ports: &Ports) -> usize {
    ports.users.list(UserFilter::default(), PageRequest::default()).await.unwrap().items.len()
}

/// What `create` answers is what was asked for, and what is found by id and by address afterwards.
pub async fn a_new_account_is_active_and_found_as_it_was_made(ports: &Ports) {
    let new = NewUser { role: Role::Admin, ..new_user() };
    let user = ports.users.create(new.clone()).await.unwrap();
    assert!(user.id.get() > 0 && user.is_active);
    assert_eq!((&user.email, &user.display_name, user.role), (&new.email, &new.display_name, new.role));
    assert_eq!((user.created_at, user.updated_at), (new.created_at, new.created_at));
    assert_eq!(ports.users.find(user.id).await.unwrap().as_ref(), Some(&user));
    let credentials = ports.users.find_credentials(&new.email).await.unwrap().unwrap();
    assert_eq!((credentials.user, credentials.password_hash), (user, new.password_hash));
}

/// An account that can't log in by password stays one.
pub async fn an_account_without_password_has_no_hash(ports: &Ports) {
    let user = ports.users.create(NewUser { password_hash: None, ..new_user() }).await.unwrap();
    let credentials = ports.users.find_credentials(&user.email).await.unwrap().unwrap();
    assert_eq!((credentials.user, credentials.password_hash), (user, None));
}

/// A lookup that finds nothing answers `Ok(None)`, also beside other accounts.
pub async fn accounts_that_do_not_exist_are_not_found(ports: &Ports) {
    let user = ports.given_user().await;
    for id in [i64::MIN, -1, 0, user.id.get() + 1, i64::MAX] {
        assert_eq!(ports.users.find(UserId::new(id)).await.unwrap(), None, "{id}");
    }
    assert_eq!(ports.users.find_credentials(&email()).await.unwrap(), None);
    let reset = ports.users.reset_password(UserId::new(i64::MAX), PasswordHash::new("hash".to_owned()), after(1), None);
    assert_eq!(reset.await.unwrap(), None);
    assert_eq!(ports.blocklist().await, []);
    let ghost = User { id: UserId::new(i64::MAX), ..user };
    assert_eq!(ports.users.save(renamed(&ghost, "Ghost"), None).await.unwrap(), None);
}

/// Texts at their bounds and beyond ASCII are stored as they are, neither cut nor normalised nor folded.
pub async fn the_longest_and_strangest_values_come_back_equal(ports: &Ports) {
    let longest = [&"b".repeat(63), ".", &"c".repeat(63), ".", &"d".repeat(57), ".org"].concat();
    for address in [format!("{}@{longest}", "a".repeat(64)), "åsa.ö'neill%_@example.org".to_owned()] {
        let new = NewUser {
            email: Email::parse(&address).unwrap(),
            display_name: DisplayName::parse(unicode(DisplayName::MAX)).unwrap(),
            ..new_user()
        };
        let user = ports.users.create(new.clone()).await.unwrap();
        assert_eq!((&user.email, &user.display_name), (&new.email, &new.display_name));
        assert_eq!(ports.users.find(user.id).await.unwrap().as_ref(), Some(&user));
        assert_eq!(ports.users.find_credentials(&new.email).await.unwrap().unwrap().user, user);
    }
}

/// `Conflict` with `USER_EMAIL`.
pub async fn a_taken_address_is_refused_and_nothing_is_made(ports: &Ports) {
    let user = ports.given_user().await;
    let second = NewUser { email: Email::parse(&user.email.as_str().to_uppercase()).unwrap(), ..new_user() };
    assert_eq!(conflict(ports.users.create(second).await), constraint::USER_EMAIL);
    assert_eq!(count(ports).await, 1);
}

/// The address decides, however close the calls.
pub async fn of_simultaneous_accounts_with_one_address_one_is_made(ports: &Ports) {
    let new = new_user();
    let results = simultaneously(20, |_| {
        let (users, new) = (ports.users.clone(), new.clone());
        async move { users.create(new).await }
    })
    .await;
    let (made, refused): (Vec<_>, Vec<_>) = results.into_iter().partition(Result::is_ok);
    assert_eq!((made.len(), count(ports).await), (1, 1));
    for result in refused {
        assert_eq!(conflict(result), constraint::USER_EMAIL);
    }
}

/// Every field of the change, and its entry on the blocklist with it.
pub async fn a_change_is_committed_whole(ports: &Ports) {
    let user = ports.given_user().await;
    let patch = UserPatch {
        email: Some(email()),
        display_name: DisplayName::cut("Änne"),
        role: Some(Role::Admin),
        is_active: Some(false),
        keeps_proven_email: false,
    };
    let change = change(&user, patch);
    let blocked = revocation(Revoked::User { id: user.id, epoch: change.user.token_epoch });
    let saved = ports.users.save(change.clone(), Some(blocked.clone())).await.unwrap();
    assert_eq!(saved.as_ref(), Some(&change.user));
    assert_eq!(ports.users.find(user.id).await.unwrap(), saved);
    assert_eq!(ports.blocklist().await, [blocked]);
}

/// `Ok(None)`, and neither the account nor the blocklist nor a session is touched.
pub async fn a_change_based_on_another_version_is_not_committed(ports: &Ports) {
    let user = ports.given_user().await;
    let newer = ports.users.save(renamed(&user, "First"), None).await.unwrap();
    let (login, refresh) = ports.given_login(user.id).await;
    let deactivated = change(&user, UserPatch { is_active: Some(false), ..UserPatch::default() });
    let blocked = revocation(Revoked::User { id: user.id, epoch: deactivated.user.token_epoch });
    assert_eq!(ports.users.save(deactivated, Some(blocked)).await.unwrap(), None);
    assert_eq!(ports.users.find(user.id).await.unwrap(), newer);
    assert_eq!(ports.blocklist().await, []);
    let exchanged = ports.sessions.exchange(exchange(login.session.id, &refresh)).await.unwrap();
    assert!(matches!(exchanged, Exchanged::Renewed(_)), "{exchanged:?}");
}

/// The version decides, however close the calls.
pub async fn of_simultaneous_changes_of_one_version_one_is_committed(ports: &Ports) {
    let user = ports.given_user().await;
    let saved = simultaneously(20, |i| {
        let (users, change) = (ports.users.clone(), renamed(&user, &format!("Name {i}")));
        async move { users.save(change, None).await.unwrap() }
    })
    .await;
    let winners: Vec<_> = saved.into_iter().flatten().collect();
    assert_eq!(winners.len(), 1);
    assert_eq!(ports.users.find(user.id).await.unwrap().as_ref(), winners.first());
}

/// `Conflict` with `USER_EMAIL`, and the blocklist stays as it was.
pub async fn a_change_to_a_taken_address_is_refused_and_nothing_is_committed(ports: &Ports) {
    let (user, other) = (ports.given_user().await, ports.given_user().await);
    let blocked = revocation(Revoked::User { id: user.id, epoch: user.token_epoch + 1 });
    let saved = ports.users.save(with_address(&user, &other.email), Some(blocked)).await;
    assert_eq!(conflict(saved), constraint::USER_EMAIL);
    assert_eq!(ports.users.find(user.id).await.unwrap(), Some(user));
    assert_eq!(ports.blocklist().await, []);
}

/// Only addresses that stand are taken.
pub async fn an_address_that_was_given_up_can_be_taken(ports: &Ports) {
    let user = ports.given_user().await;
    ports.users.save(with_address(&user, &email()), None).await.unwrap().unwrap();
    assert_eq!(ports.users.find_credentials(&user.email).await.unwrap(), None);
    let next = ports.users.create(NewUser { email: user.email.clone(), ..new_user() }).await.unwrap();
    assert_eq!(ports.users.find_credentials(&user.email).await.unwrap().map(|found| found.user), Some(next));
}

/// `ends_sessions`: the refresh tokens of all of them are refused.
pub async fn deactivation_ends_every_session_of_that_user_only(ports: &Ports) {
    let (user, other) = (ports.given_user().await, ports.given_user().await);
    let logins = [ports.given_login(user.id).await, ports.given_login(user.id).await];
    let (kept, kept_refresh) = ports.given_login(other.id).await;
    let off = change(&user, UserPatch { is_active: Some(false), ..UserPatch::default() });
    let off = ports.users.save(off, None).await.unwrap().unwrap();
    // A session that was ended does not begin again with its user.
    let on = off.apply(UserPatch { is_active: Some(true), ..UserPatch::default() }, after(6)).unwrap();
    ports.users.save(on, None).await.unwrap().unwrap();
    for (login, refresh) in logins {
        let exchanged = ports.sessions.exchange(exchange(login.session.id, &refresh)).await.unwrap();
        assert_eq!(exchanged, Exchanged::Refused);
    }
    let exchanged = ports.sessions.exchange(exchange(kept.session.id, &kept_refresh)).await.unwrap();
    assert!(matches!(exchanged, Exchanged::Renewed(_)), "{exchanged:?}");
}

/// The exchange gives the user as it is now: role and epoch of the next access token.
pub async fn another_role_keeps_sessions_and_reaches_their_next_tokens(ports: &Ports) {
    let user = ports.given_user().await;
    let (login, refresh) = ports.given_login(user.id).await;
    let promoted = change(&user, UserPatch { role: Some(Role::Admin), ..UserPatch::default() });
    let promoted = ports.users.save(promoted, None).await.unwrap().unwrap();
    assert_eq!((promoted.role, promoted.token_epoch), (Role::Admin, user.token_epoch + 1));
    match ports.sessions.exchange(exchange(login.session.id, &refresh)).await.unwrap() {
        Exchanged::Renewed(login) => assert_eq!(login.user, promoted),
        other => panic!("{other:?}"),
    }
}

/// Every session, every access token of an older epoch, and the old password.
pub async fn a_reset_password_replaces_the_hash_and_ends_everything(ports: &Ports) {
    let user = ports.given_user().await;
    let logins = [ports.given_login(user.id).await, ports.given_login(user.id).await];
    let hash = PasswordHash::new("another".to_owned());
    let reset = ports.users.reset_password(user.id, hash.clone(), after(1), None).await.unwrap().unwrap();
    assert_eq!((reset.token_epoch, reset.updated_at), (user.token_epoch + 1, after(1)));
    let credentials = ports.users.find_credentials(&user.email).await.unwrap().unwrap();
    assert_eq!((&credentials.user, credentials.password_hash), (&reset, Some(hash)));
    assert_eq!(ports.blocklist().await, [Revocation::of_user(user.id, reset.token_epoch, after(1))]);
    for (login, refresh) in logins {
        let exchanged = ports.sessions.exchange(exchange(login.session.id, &refresh)).await.unwrap();
        assert_eq!(exchanged, Exchanged::Refused);
    }
}

/// It would bring the old epoch back.
pub async fn a_change_decided_before_a_reset_is_not_committed(ports: &Ports) {
    let user = ports.given_user().await;
    let change = renamed(&user, "Too late");
    let reset = ports.users.reset_password(user.id, PasswordHash::new("x".to_owned()), after(1), None).await;
    assert_eq!(ports.users.save(change, None).await.unwrap(), None);
    assert_eq!(ports.users.find(user.id).await.unwrap(), reset.unwrap());
}

/// None of them is lost.
pub async fn of_simultaneous_resets_each_counts_the_epoch(ports: &Ports) {
    let user = ports.given_user().await;
    let mut epochs = simultaneously(10, |i| {
        let (users, hash) = (ports.users.clone(), PasswordHash::new(format!("hash-{i}")));
        async move { users.reset_password(user.id, hash, after(1), None).await.unwrap().unwrap().token_epoch }
    })
    .await;
    epochs.sort_unstable();
    assert_eq!(epochs, (1..=10).map(|n| user.token_epoch + n).collect::<Vec<_>>());
}
