//! Accounts of users of another issuer.

use super::{conflict, simultaneously};
use crate::{
    builders::{after, email, identity, new_user, unicode},
    given,
};
use fasttrack_domain::{
    id::UserId,
    identity::{ExternalSubject, Identity, IdentityLink},
    page::PageRequest,
    ports::{RepositoryError, constraint, identity::IdentityRepository, user::UserRepository},
    text::DisplayName,
    user::{NewUser, Role, User, UserFilter, UserPatch},
};

contract! { $
    identity { users: UserRepository, identities: IdentityRepository }
    an_identity_gets_a_new_account,
    an_unknown_identity_is_not_found,
    an_identity_is_linked_with_an_account,
    the_account_is_found_as_it_is_now,
    identities_are_compared_byte_by_byte,
    an_identity_has_one_account,
    a_taken_address_creates_no_account,
    a_changed_account_cannot_be_linked,
    one_of_simultaneous_accounts_for_an_identity_is_created,
}

/// The account that the identity is linked to. None with this identity was erased.
async fn find(ports: &Ports, identity: &Identity) -> Option<User> {
    let known = ports.identities.find(identity).await.unwrap();
    assert_eq!(known.erased_at, None);
    known.user
}

async fn count(ports: &Ports) -> usize {
    ports.users.list(UserFilter::default(), PageRequest::default()).await.unwrap().items.len()
}

fn link(identity: &Identity, user: &User) -> IdentityLink {
    IdentityLink { identity: identity.clone(), user_id: user.id, based_on: user.version, at: after(1) }
}

fn subject(raw: &str) -> ExternalSubject {
    ExternalSubject::parse(raw.to_owned()).unwrap()
}

async fn an_identity_gets_a_new_account(ports: &Ports) {
    let (identity, new) = (identity(), NewUser { password_hash: None, ..new_user() });
    let user = ports.identities.create(identity.clone(), new.clone()).await.unwrap();
    assert!(user.is_active);
    assert_eq!((&user.email, &user.display_name, user.role), (&new.email, &new.display_name, new.role));
    assert_eq!(find(ports, &identity).await.as_ref(), Some(&user));
    assert_eq!(ports.users.find(user.id).await.unwrap().as_ref(), Some(&user));
    let credentials = ports.users.find_credentials(&new.email).await.unwrap().unwrap();
    assert_eq!((credentials.user, credentials.password_hash), (user, None));
}

async fn an_unknown_identity_is_not_found(ports: &Ports) {
    assert_eq!(find(ports, &identity()).await, None);
    ports.identities.create(identity(), new_user()).await.unwrap();
    assert_eq!(find(ports, &identity()).await, None);
}

/// An account may have several identities.
async fn an_identity_is_linked_with_an_account(ports: &Ports) {
    let user = given::admin(ports).await;
    for identity in [identity(), identity()] {
        assert_eq!(ports.identities.link(link(&identity, &user)).await.unwrap().as_ref(), Some(&user));
        assert_eq!(find(ports, &identity).await.as_ref(), Some(&user));
    }
}

async fn the_account_is_found_as_it_is_now(ports: &Ports) {
    let identity = identity();
    let user = ports.identities.create(identity.clone(), new_user()).await.unwrap();
    for patch in [
        UserPatch { role: Some(Role::Admin), email: Some(email()), ..UserPatch::default() },
        UserPatch { is_active: Some(false), role: Some(Role::User), ..UserPatch::default() },
    ] {
        given::admin(ports).await;
        let user = ports.users.find(user.id).await.unwrap().unwrap();
        let changed = ports.users.save(user.apply(patch, after(5)).unwrap(), None).await.unwrap();
        assert_eq!(find(ports, &identity).await, changed);
    }
}

/// Issuer and subject are neither trimmed, folded, normalised nor read as a pattern.
async fn identities_are_compared_byte_by_byte(ports: &Ports) {
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
        assert_eq!(find(ports, identity).await, Some(user), "{identity:?}");
    }
}

/// `Conflict` with `IDENTITY`, and nothing is created or changed.
async fn an_identity_has_one_account(ports: &Ports) {
    let (identity, other) = (identity(), given::user(ports).await);
    let user = ports.identities.create(identity.clone(), new_user()).await.unwrap();
    let before = count(ports).await;
    assert_eq!(conflict(ports.identities.create(identity.clone(), new_user()).await), constraint::IDENTITY);
    assert_eq!(conflict(ports.identities.link(link(&identity, &other)).await), constraint::IDENTITY);
    assert_eq!(conflict(ports.identities.link(link(&identity, &user)).await), constraint::IDENTITY);
    assert_eq!(count(ports).await, before);
    assert_eq!(find(ports, &identity).await, Some(user));
}

async fn a_taken_address_creates_no_account(ports: &Ports) {
    let (identity, owner) = (identity(), given::user(ports).await);
    let taken = NewUser { email: owner.email, ..new_user() };
    assert_eq!(conflict(ports.identities.create(identity.clone(), taken).await), constraint::USER_EMAIL);
    assert_eq!(find(ports, &identity).await, None);
    assert_eq!(count(ports).await, 1);
}

async fn a_changed_account_cannot_be_linked(ports: &Ports) {
    let (identity, user) = (identity(), given::user(ports).await);
    let nobody = User { id: UserId::new(i64::MAX), ..user.clone() };
    let outdated = User { version: user.version + 1, ..user.clone() };
    for wrong in [nobody, outdated] {
        assert_eq!(ports.identities.link(link(&identity, &wrong)).await.unwrap(), None);
        assert_eq!(ports.identities.take_over(link(&identity, &wrong)).await.unwrap(), None);
    }
    assert_eq!(find(ports, &identity).await, None);
    assert_eq!(ports.users.find(user.id).await.unwrap(), Some(user));
}

/// The others get `Conflict` with `IDENTITY`.
async fn one_of_simultaneous_accounts_for_an_identity_is_created(ports: &Ports) {
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
    assert_eq!(find(ports, &identity).await.as_slice(), made);
    assert_eq!(count(ports).await, 1);
}
