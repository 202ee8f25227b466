//! When tokens begin and cease to be valid.

use super::shared::{Ports, given_token, is_good, password_of, redemption};
use crate::{
    builders::{after, email, new_password_reset},
    given,
};
use chrono::TimeDelta;
use fasttrack_domain::{
    Timestamp,
    id::UserId,
    password::{PasswordChange, PasswordHash},
    password_reset::{MAX_RESETS, NewPasswordReset, Redemption},
    ticket::SecretHash,
    user::{User, UserPatch},
};

pub(super) async fn an_unknown_token_is_refused(ports: &Ports) {
    let user = given::user(ports).await;
    let reset = given_token(ports, &user).await;
    let mut digest = *reset.hash.as_bytes();
    digest[31] ^= 1;
    assert!(!is_good(ports, SecretHash::new(digest)).await);
    assert!(is_good(ports, reset.hash).await);
}

/// It is refused from the moment at which it expires.
pub(super) async fn an_expired_token_is_refused(ports: &Ports) {
    let user = given::user(ports).await;
    let reset = given_token(ports, &user).await;
    let almost = reset.expires_at() - TimeDelta::microseconds(1);
    assert_eq!(reset.expires_at(), after(30));
    assert_eq!(ports.resets.find(reset.hash, reset.expires_at()).await.unwrap(), None);
    assert_eq!(ports.resets.find(reset.hash, almost).await.unwrap(), Some(user));
    let late = |at: Timestamp| ports.resets.redeem(Redemption { at, ..redemption(reset.hash) });
    assert_eq!(late(reset.expires_at()).await.unwrap(), None);
    assert!(late(almost).await.unwrap().is_some());
}

/// This includes a token that replaces one whose mail may have failed.
pub(super) async fn the_next_token_replaces_the_former_one(ports: &Ports) {
    let user = given::user(ports).await;
    let mut last = given_token(ports, &user).await;
    for again in [false, true] {
        let next = NewPasswordReset { again, ..new_password_reset(&user) };
        assert!(ports.resets.create(next.clone()).await.unwrap());
        assert!(!is_good(ports, last.hash).await);
        assert!(is_good(ports, next.hash).await);
        last = next;
    }
}

/// It does not become valid again.
pub(super) async fn a_token_ends_with_its_password_account_or_address(ports: &Ports) {
    let user = given::user(ports).await;
    let reset = given_token(ports, &user).await;
    let change = PasswordChange {
        user_id: user.id,
        proven_by: password_of(ports, &user).await.unwrap(),
        password: PasswordHash::new("third".to_owned()),
        kept: None,
        at: after(1),
    };
    assert!(ports.users.change_password(change).await.unwrap().is_some());
    assert!(!is_good(ports, reset.hash).await);

    let reset = given_token(ports, &user).await;
    let password = PasswordHash::new("fourth".to_owned());
    let user = ports.users.reset_password(user.id, password, after(1), None).await.unwrap().unwrap();
    assert!(!is_good(ports, reset.hash).await);

    let reset = given_token(ports, &user).await;
    let save =
        async |user: User, patch| ports.users.save(user.apply(patch, after(2)).unwrap(), None).await.unwrap().unwrap();
    let off = save(user, UserPatch { is_active: Some(false), ..UserPatch::default() }).await;
    assert!(!is_good(ports, reset.hash).await);
    let user = save(off, UserPatch { is_active: Some(true), ..UserPatch::default() }).await;
    assert!(!is_good(ports, reset.hash).await);

    let reset = given_token(ports, &user).await;
    let former = user.email.clone();
    let moved = save(user, UserPatch { email: Some(email()), ..UserPatch::default() }).await;
    assert!(!is_good(ports, reset.hash).await);
    let reset = given_token(ports, &moved).await;
    assert!(is_good(ports, reset.hash).await);
    save(moved, UserPatch { email: Some(former), ..UserPatch::default() }).await;
    assert!(!is_good(ports, reset.hash).await);
}

pub(super) async fn unknown_and_inactive_users_get_no_token(ports: &Ports) {
    let user = given::user(ports).await;
    let off = user.apply(UserPatch { is_active: Some(false), ..UserPatch::default() }, after(1)).unwrap();
    let off = ports.users.save(off, None).await.unwrap().unwrap();
    let nobody = User { id: UserId::new(i64::MAX), ..user };
    for user in [off, nobody] {
        let reset = new_password_reset(&user);
        assert!(!ports.resets.create(reset.clone()).await.unwrap());
        assert!(!is_good(ports, reset.hash).await);
    }
}

/// The last token stays valid. A token whose mail may have failed can be replaced.
pub(super) async fn tokens_of_a_user_are_limited_until_the_last_expires(ports: &Ports) {
    let (user, other) = (given::user(ports).await, given::user(ports).await);
    let mut last = given_token(ports, &user).await;
    for _ in 1..MAX_RESETS {
        last = NewPasswordReset { created_at: after(20), ..new_password_reset(&user) };
        assert!(ports.resets.create(last.clone()).await.unwrap());
    }
    let more = |minutes, again| NewPasswordReset { created_at: after(minutes), again, ..new_password_reset(&user) };
    assert!(!ports.resets.create(more(49, false)).await.unwrap());
    assert!(is_good(ports, last.hash).await);
    given_token(ports, &other).await;
    for minutes in [21, 22] {
        assert!(ports.resets.create(more(minutes, true)).await.unwrap());
    }
    assert!(!ports.resets.create(more(51, false)).await.unwrap());
    for _ in 0..MAX_RESETS {
        assert!(ports.resets.create(more(52, false)).await.unwrap());
    }
    assert!(!ports.resets.create(more(52, false)).await.unwrap());
}

pub(super) async fn expired_tokens_are_deleted(ports: &Ports) {
    let (user, other) = (given::user(ports).await, given::user(ports).await);
    let reset = given_token(ports, &user).await;
    let later = NewPasswordReset { created_at: after(1), ..new_password_reset(&other) };
    assert!(ports.resets.create(later.clone()).await.unwrap());
    assert_eq!(ports.resets.delete_expired(after(29), 100).await.unwrap(), 0);
    assert_eq!(ports.resets.delete_expired(reset.expires_at(), 100).await.unwrap(), 1);
    assert!(!is_good(ports, reset.hash).await);
    assert!(is_good(ports, later.hash).await);
}
