//! What verifying the stored hashes costs, and hashes that are renewed.

use super::simultaneously;
use crate::{
    Ports,
    builders::{MOMENT, exchange, new_password_reset, new_session, new_user},
};
use fasttrack_domain::{
    password::PasswordHash,
    session::{Exchanged, NewSession},
    user::{NewUser, User},
};

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

/// Of bcrypt hashes only, and whatever was stored last.
pub async fn the_highest_cost_of_all_hashes_is_found(ports: &Ports) {
    let highest = async || ports.password_costs.highest().await.unwrap();
    assert_eq!(highest().await, None);
    ports.given_user().await;
    given_user(ports, "$argon2id$v=19$m=1").await;
    assert_eq!(highest().await, None);
    for (cost, expected) in [("09", 9), ("12", 12), ("04", 12), ("10", 12)] {
        given_user(ports, &format!("$2b${cost}$salt")).await;
        assert_eq!(highest().await, Some(expected), "after {cost}");
    }
    given_user(ports, "$2y$13$salt").await;
    assert_eq!(highest().await, Some(13));
}

/// And ends neither sessions nor access tokens nor a reset.
pub async fn a_login_renews_the_hash_that_it_was_proven_by(ports: &Ports) {
    let (user, other) = (given_user(ports, "old").await, given_user(ports, "old").await);
    let (former, refresh) = ports.given_login(user.id).await;
    let reset = new_password_reset(&user);
    let token = reset.hash;
    assert!(ports.resets.create(reset).await.unwrap());
    let renewing = || NewSession { proven_by: Some(hash("old")), renewed: Some(hash("new")), ..new_session(user.id) };
    assert_eq!(ports.open(renewing()).await.user, user);
    assert_eq!((stored(ports, &user).await, stored(ports, &other).await), (Some(hash("new")), Some(hash("old"))));
    assert_eq!(ports.users.find(user.id).await.unwrap(), Some(user.clone()));
    let exchanged = ports.sessions.exchange(exchange(former.session.id, &refresh)).await.unwrap();
    assert!(matches!(exchanged, Exchanged::Renewed(_)), "{exchanged:?}");
    assert_eq!(ports.resets.find(token, MOMENT).await.unwrap().map(|found| found.id), Some(user.id));
    assert_eq!(ports.blocklist().await, []);

    // The hash that it was proven by no longer stands.
    assert_eq!(ports.sessions.open(renewing()).await.unwrap(), None);
    assert_eq!(stored(ports, &user).await, Some(hash("new")));
}

/// The others find that another hash stands, and none waits for another for ever.
pub async fn of_simultaneous_renewals_one_is_kept(ports: &Ports) {
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
