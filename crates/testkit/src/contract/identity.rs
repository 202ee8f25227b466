//! Which account a user of another issuer has.

use super::{conflict, simultaneously};
use crate::{
    Ports,
    builders::{after, email, identity, new_user, unicode},
};
use fasttrack_domain::{
    id::UserId,
    identity::{ExternalSubject, Identity},
    page::PageRequest,
    ports::{RepositoryError, constraint},
    text::DisplayName,
    user::{NewUser, Role, User, UserFilter, UserPatch},
};

async fn count(ports: &Ports) -> usize {
    ports.users.list(UserFilter::default(), PageRequest::default()).await.unwrap().items.len()
}

fn subject(raw: &str) -> ExternalSubject {
    ExternalSubject::parse(raw.to_owned()).unwrap()
}

/// As it was asked for, found by the identity, by its id and by its address.
pub async fn an_identity_is_given_a_new_account(ports: &Ports) {
    let (identity, new) = (identity(), NewUser { password_hash: None, ..new_user() });
    let user = ports.identities.create(identity.clone(), new.clone()).await.unwrap();
    assert!(user.is_active);
    assert_eq!((&user.email, &user.display_name, user.role), (&new.email, &new.display_name, new.role));
    assert_eq!(ports.identities.find(&identity).await.unwrap().as_ref(), Some(&user));
    assert_eq!(ports.users.find(user.id).await.unwrap().as_ref(), Some(&user));
    let credentials = ports.users.find_credentials(&new.email).await.unwrap().unwrap();
    assert_eq!((credentials.user, credentials.password_hash), (user, None));
}

/// Also beside others.
pub async fn an_identity_that_nobody_has_is_not_found(ports: &Ports) {
    assert_eq!(ports.identities.find(&identity()).await.unwrap(), None);
    ports.identities.create(identity(), new_user()).await.unwrap();
    assert_eq!(ports.identities.find(&identity()).await.unwrap(), None);
}

/// An account may have several identities.
pub async fn an_identity_is_linked_with_an_account(ports: &Ports) {
    let user = ports.given_admin().await;
    for identity in [identity(), identity()] {
        assert_eq!(ports.identities.link(identity.clone(), user.id, after(1)).await.unwrap(), user);
        assert_eq!(ports.identities.find(&identity).await.unwrap().as_ref(), Some(&user));
    }
}

/// Role, state and all else, whatever they were when the identity came.
pub async fn the_account_is_found_as_it_is_now(ports: &Ports) {
    let identity = identity();
    let user = ports.identities.create(identity.clone(), new_user()).await.unwrap();
    for patch in [
        UserPatch { role: Some(Role::Admin), email: Some(email()), ..UserPatch::default() },
        UserPatch { is_active: Some(false), role: Some(Role::User), ..UserPatch::default() },
    ] {
        ports.given_admin().await;
        let user = ports.users.find(user.id).await.unwrap().unwrap();
        let changed = ports.users.save(user.apply(patch, after(5)).unwrap(), None).await.unwrap();
        assert_eq!(ports.identities.find(&identity).await.unwrap(), changed);
    }
}

/// Issuer and subject are compared byte for byte: neither trimmed, folded, normalised nor read as a pattern.
pub async fn an_identity_is_one_to_the_letter(ports: &Ports) {
    let issuers = ["https://a.example", "https://a.example/", "HTTPS://a.example"];
    let longest = unicode(ExternalSubject::MAX);
    let subjects = ["u1", "U1", " u1", "u1 ", "u%", "u_", "é", "e\u{301}", "1", "01", &longest];
    let identities: Vec<_> = issuers
        .into_iter()
        .flat_map(|issuer| subjects.map(|raw| Identity { issuer: issuer.to_owned(), subject: subject(raw) }))
        .collect();
    let mut users = Vec::new();
    for identity in &identities {
        users.push(ports.identities.create(identity.clone(), new_user()).await.unwrap());
    }
    for (identity, user) in identities.iter().zip(users) {
        assert_eq!(ports.identities.find(identity).await.unwrap(), Some(user), "{identity:?}");
    }
}

/// And nothing is made or changed.
pub async fn an_identity_has_one_account(ports: &Ports) {
    let (identity, other) = (identity(), ports.given_user().await);
    let user = ports.identities.create(identity.clone(), new_user()).await.unwrap();
    let before = count(ports).await;
    assert_eq!(conflict(ports.identities.create(identity.clone(), new_user()).await), constraint::IDENTITY);
    assert_eq!(conflict(ports.identities.link(identity.clone(), other.id, after(1)).await), constraint::IDENTITY);
    assert_eq!(conflict(ports.identities.link(identity.clone(), user.id, after(1)).await), constraint::IDENTITY);
    assert_eq!(count(ports).await, before);
    assert_eq!(ports.identities.find(&identity).await.unwrap(), Some(user));
}

/// And the identity goes without.
pub async fn a_taken_address_makes_no_account(ports: &Ports) {
    let (identity, owner) = (identity(), ports.given_user().await);
    let taken = NewUser { email: owner.email, ..new_user() };
    assert_eq!(conflict(ports.identities.create(identity.clone(), taken).await), constraint::USER_EMAIL);
    assert_eq!(ports.identities.find(&identity).await.unwrap(), None);
    assert_eq!(count(ports).await, 1);
}

/// Nor is anything kept.
pub async fn an_account_that_does_not_exist_can_not_be_linked(ports: &Ports) {
    let identity = identity();
    let linked = ports.identities.link(identity.clone(), UserId::new(i64::MAX), after(1)).await;
    assert_eq!(conflict(linked), constraint::REFERENCE);
    assert_eq!(ports.identities.find(&identity).await.unwrap(), None);
}

/// The others are told that it has one.
pub async fn of_simultaneous_accounts_for_one_identity_one_is_made(ports: &Ports) {
    let identity = identity();
    let results: Vec<Result<User, RepositoryError>> = simultaneously(20, |n| {
        let (identities, identity) = (ports.identities.clone(), identity.clone());
        let display_name = DisplayName::cut(&format!("Racer {n}")).unwrap();
        async move { identities.create(identity, NewUser { display_name, ..new_user() }).await }
    })
    .await;
    let (made, refused): (Vec<_>, Vec<_>) = results.into_iter().partition(Result::is_ok);
    assert!(refused.into_iter().all(|refused| conflict(refused) == constraint::IDENTITY));
    let made: Vec<_> = made.into_iter().map(Result::unwrap).collect();
    assert_eq!(ports.identities.find(&identity).await.unwrap().as_slice(), made);
    assert_eq!(count(ports).await, 1);
}
