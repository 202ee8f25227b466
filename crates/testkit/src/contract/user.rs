//! Accounts: [`UserRepository`] alone.

use super::{conflict, simultaneously, walk::walk_while_rows_change};
use crate::{
    builders::{after, email, new_user, unicode},
    given,
};
use fasttrack_domain::{
    email::Email,
    id::UserId,
    page::{Limit, PageRequest},
    password::{PasswordChange, PasswordHash},
    ports::{constraint, user::UserRepository},
    text::DisplayName,
    user::{NewUser, Role, User, UserChange, UserFilter, UserPatch},
};
use std::iter::once;

contract! { $
    user { users: UserRepository }
    a_new_account_is_active_and_found_as_it_was_made,
    an_account_without_password_has_no_hash,
    accounts_that_do_not_exist_are_not_found,
    longest_and_unicode_values_are_stored_unchanged,
    addresses_are_compared_by_their_keys,
    a_taken_address_is_refused_and_creates_nothing,
    one_of_simultaneous_accounts_with_an_address_is_created,
    a_change_is_committed_with_every_field,
    a_change_based_on_another_version_is_not_committed,
    one_of_simultaneous_changes_of_a_version_is_committed,
    a_change_to_a_taken_address_is_refused,
    a_former_address_can_be_used_by_another_account,
    a_password_reset_replaces_the_hash,
    a_change_decided_before_a_reset_is_not_committed,
    a_password_change_replaces_the_hash_it_was_verified_with,
    each_simultaneous_reset_increments_the_token_epoch,
    users_are_filtered_by_every_combination,
    pages_of_users_stay_consistent_while_rows_change,
}

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

/// Commits the change.
async fn save(ports: &Ports, user: &User, patch: UserPatch) -> User {
    ports.users.save(user.apply(patch, after(1)).unwrap(), None).await.unwrap().unwrap()
}

/// Changes the address, or makes it pending beside the former one.
async fn moved(ports: &Ports, user: &User, to: &Email, keeps_proven_email: bool) -> User {
    save(ports, user, UserPatch { email: Some(to.clone()), keeps_proven_email, ..UserPatch::default() }).await
}

fn everything() -> PageRequest {
    PageRequest { limit: Limit::new(100).unwrap(), cursor: None }
}

/// Absent, and each of `values`.
fn maybe<T: Copy>(values: &[T]) -> impl Iterator<Item = Option<T>> + '_ {
    once(None).chain(values.iter().copied().map(Some))
}

async fn a_new_account_is_active_and_found_as_it_was_made(ports: &Ports) {
    let new = NewUser { role: Role::Admin, ..new_user() };
    let user = ports.users.create(new.clone()).await.unwrap();
    assert!(user.id.get() > 0 && user.is_active);
    assert_eq!((&user.email, &user.display_name, user.role), (&new.email, &new.display_name, new.role));
    assert_eq!((user.created_at, user.updated_at), (new.created_at, new.created_at));
    assert_eq!(ports.users.find(user.id).await.unwrap().as_ref(), Some(&user));
    let credentials = ports.users.find_credentials(&new.email).await.unwrap().unwrap();
    assert_eq!((credentials.user, credentials.password_hash), (user, new.password_hash));
}

async fn an_account_without_password_has_no_hash(ports: &Ports) {
    let user = ports.users.create(NewUser { password_hash: None, ..new_user() }).await.unwrap();
    let credentials = ports.users.find_credentials(&user.email).await.unwrap().unwrap();
    assert_eq!((credentials.user, credentials.password_hash), (user, None));
}

async fn accounts_that_do_not_exist_are_not_found(ports: &Ports) {
    let user = given::user(ports).await;
    for id in [i64::MIN, -1, 0, user.id.get() + 1, i64::MAX] {
        assert_eq!(ports.users.find(UserId::new(id)).await.unwrap(), None, "{id}");
    }
    assert_eq!(ports.users.find_credentials(&email()).await.unwrap(), None);
    let reset = ports.users.reset_password(UserId::new(i64::MAX), PasswordHash::new("hash".to_owned()), after(1), None);
    assert_eq!(reset.await.unwrap(), None);
    let ghost = User { id: UserId::new(i64::MAX), ..user };
    assert_eq!(ports.users.save(renamed(&ghost, "Ghost"), None).await.unwrap(), None);
}

/// Values are neither cut, normalised nor folded.
async fn longest_and_unicode_values_are_stored_unchanged(ports: &Ports) {
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

/// Mail goes to the address as it was written.
async fn addresses_are_compared_by_their_keys(ports: &Ports) {
    let parse = |raw: &str| Email::parse(raw).unwrap();
    let written = parse("Straße@Bücher.example");
    let user = ports.users.create(NewUser { email: written.clone(), ..new_user() }).await.unwrap();
    assert_eq!(user.email.as_str(), "straße@xn--bcher-kva.example");
    assert_eq!(ports.users.find(user.id).await.unwrap().as_ref(), Some(&user));
    for other in ["STRASSE@BÜCHER.example", "strasse@xn--bcher-kva.example"] {
        let found = ports.users.find_credentials(&parse(other)).await.unwrap();
        assert_eq!(found.map(|found| found.user).as_ref(), Some(&user));
        let second = NewUser { email: parse(other), ..new_user() };
        assert_eq!(conflict(ports.users.create(second).await), constraint::USER_EMAIL);
    }
    let moved = moved(ports, &user, &parse("strasse@bücher.example"), false).await;
    assert_eq!((moved.email.as_str(), moved.email_verified), ("strasse@xn--bcher-kva.example", false));
    assert_eq!(ports.users.find(user.id).await.unwrap(), Some(moved));
}

/// `Conflict` with `USER_EMAIL`. Addresses are compared without case.
async fn a_taken_address_is_refused_and_creates_nothing(ports: &Ports) {
    let user = given::user(ports).await;
    let second = NewUser { email: Email::parse(&user.email.as_str().to_uppercase()).unwrap(), ..new_user() };
    assert_eq!(conflict(ports.users.create(second).await), constraint::USER_EMAIL);
    assert_eq!(count(ports).await, 1);
}

async fn one_of_simultaneous_accounts_with_an_address_is_created(ports: &Ports) {
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

async fn one_of_simultaneous_changes_of_a_version_is_committed(ports: &Ports) {
    let user = given::user(ports).await;
    let saved = simultaneously(20, |i| {
        let (users, change) = (ports.users.clone(), renamed(&user, &format!("Name {i}")));
        async move { users.save(change, None).await.unwrap() }
    })
    .await;
    let winners: Vec<_> = saved.into_iter().flatten().collect();
    assert_eq!(winners.len(), 1);
    assert_eq!(ports.users.find(user.id).await.unwrap().as_ref(), winners.first());
}

async fn a_change_is_committed_with_every_field(ports: &Ports) {
    let user = given::user(ports).await;
    let patch = UserPatch {
        email: Some(email()),
        display_name: DisplayName::cut("Änne"),
        role: Some(Role::Admin),
        is_active: Some(false),
        keeps_proven_email: false,
    };
    let change = change(&user, patch);
    let saved = ports.users.save(change.clone(), None).await.unwrap();
    assert_eq!(saved.as_ref(), Some(&change.user));
    assert_eq!(ports.users.find(user.id).await.unwrap(), saved);
}

/// `Ok(None)` for an older version and for one that never existed.
async fn a_change_based_on_another_version_is_not_committed(ports: &Ports) {
    let user = given::user(ports).await;
    let newer = ports.users.save(renamed(&user, "First"), None).await.unwrap();
    assert_eq!(ports.users.save(renamed(&user, "Second"), None).await.unwrap(), None);
    let future = User { version: 7, ..user };
    assert_eq!(ports.users.save(renamed(&future, "Third"), None).await.unwrap(), None);
    assert_eq!(ports.users.find(future.id).await.unwrap(), newer);
}

/// `Conflict` with `USER_EMAIL`.
async fn a_change_to_a_taken_address_is_refused(ports: &Ports) {
    let (user, other) = (given::user(ports).await, given::user(ports).await);
    let saved = ports.users.save(with_address(&user, &other.email), None).await;
    assert_eq!(conflict(saved), constraint::USER_EMAIL);
    assert_eq!(ports.users.find(user.id).await.unwrap(), Some(user));
}

async fn a_password_reset_replaces_the_hash(ports: &Ports) {
    let user = given::user(ports).await;
    let hash = PasswordHash::new("another".to_owned());
    let reset = ports.users.reset_password(user.id, hash.clone(), after(1), None).await.unwrap().unwrap();
    assert_eq!((reset.token_epoch, reset.updated_at), (user.token_epoch + 1, after(1)));
    let credentials = ports.users.find_credentials(&user.email).await.unwrap().unwrap();
    assert_eq!((credentials.user, credentials.password_hash), (reset, Some(hash)));
}

async fn a_password_change_replaces_the_hash_it_was_verified_with(ports: &Ports) {
    let user = given::user(ports).await;
    let proven_by = ports.users.credentials(user.id).await.unwrap().unwrap().password_hash.unwrap();
    let password = PasswordHash::new("another".to_owned());
    let change = PasswordChange { user_id: user.id, proven_by, password: password.clone(), kept: None, at: after(1) };
    assert_eq!(ports.users.change_password(change.clone()).await.unwrap(), Some(Vec::new()));
    assert_eq!(ports.users.change_password(change).await.unwrap(), None);
    let credentials = ports.users.credentials(user.id).await.unwrap().unwrap();
    assert_eq!(credentials.password_hash, Some(password));
    assert_eq!(credentials.user, User { version: user.version + 1, updated_at: after(1), ..user });
}

async fn a_former_address_can_be_used_by_another_account(ports: &Ports) {
    let user = given::user(ports).await;
    ports.users.save(with_address(&user, &email()), None).await.unwrap().unwrap();
    assert_eq!(ports.users.find_credentials(&user.email).await.unwrap(), None);
    let next = ports.users.create(NewUser { email: user.email.clone(), ..new_user() }).await.unwrap();
    assert_eq!(ports.users.find_credentials(&user.email).await.unwrap().map(|found| found.user), Some(next));
}

/// It would bring the old token epoch back.
async fn a_change_decided_before_a_reset_is_not_committed(ports: &Ports) {
    let user = given::user(ports).await;
    let change = renamed(&user, "Too late");
    let reset = ports.users.reset_password(user.id, PasswordHash::new("x".to_owned()), after(1), None).await;
    assert_eq!(ports.users.save(change, None).await.unwrap(), None);
    assert_eq!(ports.users.find(user.id).await.unwrap(), reset.unwrap());
}

async fn each_simultaneous_reset_increments_the_token_epoch(ports: &Ports) {
    let user = given::user(ports).await;
    let mut epochs = simultaneously(10, |i| {
        let (users, hash) = (ports.users.clone(), PasswordHash::new(format!("hash-{i}")));
        async move { users.reset_password(user.id, hash, after(1), None).await.unwrap().unwrap().token_epoch }
    })
    .await;
    epochs.sort_unstable();
    assert_eq!(epochs, (1..=10).map(|n| user.token_epoch + n).collect::<Vec<_>>());
}

async fn users_are_filtered_by_every_combination(ports: &Ports) {
    let mut users = Vec::new();
    for role in [Role::Admin, Role::User] {
        for is_active in [true, false, true] {
            let mut user = ports.users.create(NewUser { role, ..new_user() }).await.unwrap();
            let patch = UserPatch { is_active: Some(is_active), ..UserPatch::default() };
            // The first admin of all stays active.
            if let Some(change) = user.apply(patch, after(1)) {
                user = ports.users.save(change, None).await.unwrap().unwrap();
            }
            users.push(user);
        }
    }
    for role in maybe(Role::ALL) {
        for is_active in maybe(&[true, false]) {
            for email in [None, Some(users[1].email.clone()), Some(users[3].email.clone()), Some(email())] {
                let filter = UserFilter { role, is_active, email };
                let expected: Vec<_> = users
                    .iter()
                    .filter(|user| filter.role.is_none_or(|role| role == user.role))
                    .filter(|user| filter.is_active.is_none_or(|active| active == user.is_active))
                    .filter(|user| filter.email.as_ref().is_none_or(|email| *email == user.email))
                    .cloned()
                    .collect();
                let listed = ports.users.list(filter.clone(), everything()).await.unwrap();
                assert_eq!(listed.items, expected, "{filter:?}");
            }
        }
    }
}

async fn pages_of_users_stay_consistent_while_rows_change(ports: &Ports) {
    let active = UserFilter { is_active: Some(true), ..UserFilter::default() };
    walk_while_rows_change(
        async |request| ports.users.list(active.clone(), request).await.unwrap().map(|user| user.id.get()),
        async || given::user(ports).await.id.get(),
        async |id| {
            let user = ports.users.find(UserId::new(id)).await.unwrap().unwrap();
            let patch = UserPatch { is_active: Some(false), ..UserPatch::default() };
            ports.users.save(user.apply(patch, after(1)).unwrap(), None).await.unwrap().unwrap();
        },
    )
    .await;
}
