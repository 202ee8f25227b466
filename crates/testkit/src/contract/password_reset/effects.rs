//! What the redemption of a token changes.

use super::shared::{Ports, given_token, is_good, password_of, redemption};
use crate::{
    builders::{after, exchange, new_user},
    contract::{blocklist, simultaneously},
    given,
};
use fasttrack_domain::{
    password::PasswordHash,
    password_reset::Redemption,
    revocation::Revocation,
    session::Exchanged,
    user::{NewUser, User},
};

pub(super) async fn a_token_is_redeemed_once_and_ends_every_session(ports: &Ports) {
    let (user, other) = (given::user(ports).await, given::user(ports).await);
    let (login, refresh) = given::login(ports, user.id).await;
    let (reset, others) = (given_token(ports, &user).await, given_token(ports, &other).await);
    assert_eq!(ports.resets.find(reset.hash, after(1)).await.unwrap(), Some(user.clone()));

    let changed = ports.resets.redeem(redemption(reset.hash)).await.unwrap().unwrap();
    let expected =
        User { updated_at: after(1), version: user.version + 1, token_epoch: user.token_epoch + 1, ..user.clone() };
    assert_eq!(changed, expected);
    assert_eq!(ports.users.find(user.id).await.unwrap(), Some(changed));
    assert_eq!(password_of(ports, &user).await, Some(PasswordHash::new("another".to_owned())));
    let [entry] = blocklist(ports).await.try_into().unwrap();
    assert_eq!(entry, Revocation::of_user(user.id, user.token_epoch + 1, after(1)));
    let exchanged = ports.sessions.exchange(exchange(login.session.id, &refresh)).await.unwrap();
    assert_eq!(exchanged, Exchanged::Refused);

    assert!(!is_good(ports, reset.hash).await);
    assert!(is_good(ports, others.hash).await);
    assert_eq!(ports.users.find(other.id).await.unwrap(), Some(other));
}

pub(super) async fn a_token_can_set_a_first_password(ports: &Ports) {
    let new = NewUser { password_hash: None, ..new_user() };
    let user = ports.users.create(new).await.unwrap();
    let reset = given_token(ports, &user).await;
    assert!(ports.resets.redeem(redemption(reset.hash)).await.unwrap().is_some());
    assert!(password_of(ports, &user).await.is_some());
}

pub(super) async fn one_of_simultaneous_redemptions_succeeds(ports: &Ports) {
    let user = given::user(ports).await;
    let reset = given_token(ports, &user).await;
    let done = simultaneously(20, |i| {
        let password = PasswordHash::new(format!("hash-{i}"));
        let (resets, redemption) = (ports.resets.clone(), Redemption { password, ..redemption(reset.hash) });
        async move { resets.redeem(redemption.clone()).await.unwrap().map(|_| redemption.password) }
    })
    .await;
    let [winner] = done.into_iter().flatten().collect::<Vec<_>>().try_into().unwrap();
    assert_eq!(password_of(ports, &user).await, Some(winner));
    let now = ports.users.find(user.id).await.unwrap().unwrap();
    assert_eq!((now.version, now.token_epoch), (user.version + 1, user.token_epoch + 1));
}
