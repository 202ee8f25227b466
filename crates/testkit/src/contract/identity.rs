//! Which account a user of another issuer has.

use super::{conflict, simultaneously};
use crate::{
    Ports,
    builders::{after, email, exchange, identity, new_email_verification, new_password_reset, new_user, unicode},
};
use fasttrack_domain::{
    id::UserId,
    identity::{ExternalSubject, Identity, Link},
    page::PageRequest,
    ports::{RepositoryError, constraint},
    session::Exchanged,
    text::DisplayName,
    token::Revoked,
    user::{NewUser, Role, User, UserFilter, UserPatch},
};

async fn count(ports: &Ports) -> usize {
    ports.users.list(UserFilter::default(), PageRequest::default()).await.unwrap().items.len()
}

fn link(identity: &Identity, user: &User) -> Link {
    Link { identity: identity.clone(), user_id: user.id, based_on: user.version, at: after(1) }
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
        assert_eq!(ports.identities.link(link(&identity, &user)).await.unwrap().as_ref(), Some(&user));
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
    assert_eq!(conflict(ports.identities.link(link(&identity, &other)).await), constraint::IDENTITY);
    assert_eq!(conflict(ports.identities.link(link(&identity, &user)).await), constraint::IDENTITY);
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

/// Nor one of which another version stands; and nothing is kept.
pub async fn an_account_that_changed_can_not_be_linked(ports: &Ports) {
    let (identity, user) = (identity(), ports.given_user().await);
    let nobody = User { id: UserId::new(i64::MAX), ..user.clone() };
    let outdated = User { version: user.version + 1, ..user.clone() };
    for wrong in [nobody, outdated] {
        assert_eq!(ports.identities.link(link(&identity, &wrong)).await.unwrap(), None);
        assert_eq!(ports.identities.take_over(link(&identity, &wrong)).await.unwrap(), None);
    }
    assert_eq!(ports.identities.find(&identity).await.unwrap(), None);
    assert_eq!(ports.users.find(user.id).await.unwrap(), Some(user));
    assert_eq!(ports.blocklist().await, []);
}

/// Its password, identities, sessions, access tokens and tokens of mails; others keep theirs.
pub async fn a_take_over_ends_all_that_others_could_use(ports: &Ports) {
    let (former, owner) = (identity(), identity());
    let unproven = NewUser { email_verified: false, ..new_user() };
    let user = ports.identities.create(former.clone(), unproven).await.unwrap();
    let other = ports.given_user().await;
    let (login, refresh) = ports.given_login(user.id).await;
    let (others, others_refresh) = ports.given_login(other.id).await;
    let (reset, verification) = (new_password_reset(&user), new_email_verification(&user));
    assert!(ports.resets.create(reset.clone()).await.unwrap());
    assert!(ports.verifications.create(verification.clone()).await.unwrap());

    let taken = ports.identities.take_over(link(&owner, &user)).await.unwrap().unwrap();
    let expected = User {
        email_verified: true,
        is_external: true,
        updated_at: after(1),
        version: user.version + 1,
        token_epoch: user.token_epoch + 1,
        ..user.clone()
    };
    assert_eq!(taken, expected);
    let credentials = ports.users.credentials(user.id).await.unwrap().unwrap();
    assert_eq!((credentials.user, credentials.password_hash), (taken.clone(), None));
    assert_eq!(ports.identities.find(&former).await.unwrap(), None);
    assert_eq!(ports.identities.find(&owner).await.unwrap(), Some(taken));
    let entries: Vec<_> = ports.blocklist().await.into_iter().map(|entry| entry.subject).collect();
    assert_eq!(entries, [Revoked::User { id: user.id, epoch: user.token_epoch + 1 }]);
    let exchanged = ports.sessions.exchange(exchange(login.session.id, &refresh)).await.unwrap();
    assert_eq!(exchanged, Exchanged::Refused);
    assert_eq!(ports.resets.find(reset.hash, after(1)).await.unwrap(), None);
    assert_eq!(ports.verifications.redeem(verification.hash, after(2)).await.unwrap(), None);
    let exchanged = ports.sessions.exchange(exchange(others.session.id, &others_refresh)).await.unwrap();
    assert!(matches!(exchanged, Exchanged::Renewed(_)), "{exchanged:?}");
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
