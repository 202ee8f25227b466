//! Logins that replace the hash of their password.

use super::{blocklist, simultaneously};
use crate::{
    builders::{MOMENT, exchange, new_password_reset, new_session, new_user},
    given,
};
use fasttrack_domain::{
    password::PasswordHash,
    ports::{
        password_reset::PasswordResetRepository, revocation::RevocationRepository, session::SessionRepository,
        user::UserRepository,
    },
    session::{Exchanged, NewSession},
    user::{NewUser, User},
};

contract! { $
    hash_renewal {
        users: UserRepository,
        sessions: SessionRepository,
        revocations: RevocationRepository,
        resets: PasswordResetRepository,
    }
    a_login_renews_the_hash_it_was_verified_with,
    one_of_simultaneous_renewals_is_kept,
}

fn hash(of: &str) -> PasswordHash {
    PasswordHash::new(of.to_owned())
}

async fn given_user(ports: &Ports, hash: &str) -> User {
    let new = NewUser { password_hash: Some(PasswordHash::new(hash.to_owned())), ..new_user() };
    ports.users.create(new).await.unwrap()
}

async fn stored(ports: &Ports, user: &User) -> Option<PasswordHash> {
    ports.users.credentials(user.id).await.unwrap().unwrap().password_hash
}

/// Sessions, access tokens and reset tokens stay valid.
async fn a_login_renews_the_hash_it_was_verified_with(ports: &Ports) {
    let (user, other) = (given_user(ports, "old").await, given_user(ports, "old").await);
    let (former, refresh) = given::login(ports, user.id).await;
    let reset = new_password_reset(&user);
    let token = reset.hash;
    assert!(ports.resets.create(reset).await.unwrap());
    let renewing = || NewSession { proven_by: Some(hash("old")), renewed: Some(hash("new")), ..new_session(user.id) };
    assert_eq!(given::session(ports, renewing()).await.user, user);
    assert_eq!((stored(ports, &user).await, stored(ports, &other).await), (Some(hash("new")), Some(hash("old"))));
    assert_eq!(ports.users.find(user.id).await.unwrap(), Some(user.clone()));
    let exchanged = ports.sessions.exchange(exchange(former.session.id, &refresh)).await.unwrap();
    assert!(matches!(exchanged, Exchanged::Renewed(_)), "{exchanged:?}");
    assert_eq!(ports.resets.find(token, MOMENT).await.unwrap().map(|found| found.id), Some(user.id));
    assert_eq!(blocklist(ports).await, []);

    // The hash that it was proven by no longer stands.
    assert_eq!(ports.sessions.open(renewing()).await.unwrap(), None);
    assert_eq!(stored(ports, &user).await, Some(hash("new")));
}

/// The others find another hash, and none of them blocks for ever.
async fn one_of_simultaneous_renewals_is_kept(ports: &Ports) {
    let user = given_user(ports, "old").await;
    let opened = simultaneously(8, |n| {
        let (ports, id) = (ports.clone(), user.id);
        async move {
            let renewed = hash(&format!("new {n}"));
            let session =
                NewSession { proven_by: Some(hash("old")), renewed: Some(renewed.clone()), ..new_session(id) };
            ports.sessions.open(session).await.unwrap().map(|_| renewed)
        }
    })
    .await;
    let [kept] = opened.into_iter().flatten().collect::<Vec<_>>().try_into().unwrap();
    assert_eq!(stored(ports, &user).await, Some(kept));
}
