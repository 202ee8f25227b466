//! Sessions, tokens and identities of an account, which end with its erasure.

use super::blocklist;
use crate::{
    builders::{
        MOMENT, after, exchange, idempotency, identity, new_email_verification, new_password_reset, new_project,
        new_session, new_user,
    },
    given,
};
use chrono::{SubsecRound, TimeDelta};
use fasttrack_domain::{
    identity::{Identity, IdentityLink},
    page::PageRequest,
    password::PasswordHash,
    password_reset::Redemption,
    ports::{
        email_verification::EmailVerificationRepository,
        erasure::{Begun, ErasureRepository},
        idempotency::IdempotencyRepository,
        identity::{IdentityRepository, KnownIdentity},
        password_reset::PasswordResetRepository,
        project::ProjectRepository,
        revocation::RevocationRepository,
        session::SessionRepository,
        user::UserRepository,
    },
    revocation::{RevokingAct, UserEpoch},
    session::{Exchanged, Login, RefreshGrant},
    token::{AccessClaims, RefreshClaims, TokenId, TokenSource},
    user::{NewUser, User},
};

contract! { $
    erasure_access {
        users: UserRepository,
        projects: ProjectRepository,
        sessions: SessionRepository,
        revocations: RevocationRepository,
        identities: IdentityRepository,
        resets: PasswordResetRepository,
        verifications: EmailVerificationRepository,
        idempotency: IdempotencyRepository,
        erasures: ErasureRepository,
    }
    an_erasure_of_another_version_ends_nothing,
    sessions_and_their_tokens_end_with_the_account,
    no_session_of_an_erased_account_is_opened,
    mailed_tokens_of_an_erased_account_are_refused,
    requests_of_an_erased_account_are_not_repeated,
    identities_of_an_erased_account_are_free,
    the_last_erasure_of_an_identity_is_remembered,
    an_account_with_many_sessions_is_unusable_at_once,
}

/// What an access token of this login says.
fn claims(login: &Login) -> AccessClaims {
    AccessClaims {
        user_id: login.user.id,
        role: login.user.role,
        source: TokenSource::Session(login.session.id),
        token_id: TokenId::new("access-1".to_owned()),
        epoch: login.user.token_epoch,
        issued_at: MOMENT.trunc_subsecs(0),
        expires_at: after(15),
        user_key: Some(login.user.key),
        session_key: Some(login.session.key),
    }
}

fn refresh_claims(login: &Login, refresh: &RefreshGrant) -> RefreshClaims {
    RefreshClaims {
        user_id: login.user.id,
        session_id: login.session.id,
        session_key: Some(login.session.key),
        token_id: refresh.token_id.clone(),
        expires_at: refresh.expires_at,
    }
}

/// Whether storage still accepts the access token and the refresh token of a login.
async fn accepts(ports: &Ports, (login, refresh): &(Login, RefreshGrant)) -> [bool; 2] {
    [
        ports.revocations.confirms(claims(login), after(1)).await.unwrap(),
        ports.sessions.accepts(refresh_claims(login, refresh), after(1)).await.unwrap(),
    ]
}

async fn find(ports: &Ports, identity: &Identity) -> KnownIdentity {
    ports.identities.find(identity).await.unwrap()
}

fn link(identity: &Identity, user: &User) -> IdentityLink {
    IdentityLink { identity: identity.clone(), user_id: user.id, based_on: user.version, at: after(6) }
}

async fn an_erasure_of_another_version_ends_nothing(ports: &Ports) {
    let identity = identity();
    let user = ports.identities.create(identity.clone(), new_user()).await.unwrap();
    let login = given::login(ports, user.id).await;
    let reset = new_password_reset(&user);
    assert!(ports.resets.create(reset.clone()).await.unwrap());
    let outdated = User { version: user.version + 1, ..user.clone() };
    assert_eq!(ports.erasures.begin(outdated.erase(None, after(5))).await.unwrap(), Begun::Outdated);
    assert_eq!(accepts(ports, &login).await, [true, true]);
    assert_eq!(find(ports, &identity).await, KnownIdentity { user: Some(user.clone()), erased_at: None });
    assert_eq!(ports.resets.find(reset.hash, after(1)).await.unwrap(), Some(user));
    assert_eq!(blocklist(ports).await, []);
}

/// The account's revocation is on the blocklist. Sessions of others go on.
async fn sessions_and_their_tokens_end_with_the_account(ports: &Ports) {
    let (user, other) = (given::user(ports).await, given::user(ports).await);
    let logins = [given::login(ports, user.id).await, given::login(ports, user.id).await];
    let others = given::login(ports, other.id).await;
    let begun = ports.erasures.begin(user.erase(None, after(5))).await.unwrap();
    let epoch = UserEpoch { id: user.id, epoch: user.token_epoch + 1 };
    assert_eq!(begun, Begun::Erased(epoch));
    assert_eq!(blocklist(ports).await, [RevokingAct::Erased(epoch).revocation(after(5))]);
    for login in &logins {
        assert_eq!(accepts(ports, login).await, [false, false]);
        let exchanged = ports.sessions.exchange(exchange(login.0.session.id, &login.1)).await.unwrap();
        assert_eq!(exchanged, Exchanged::Refused);
    }
    assert_eq!(ports.sessions.list(user.id, after(1), PageRequest::default()).await.unwrap().items, []);
    let forged = AccessClaims { epoch: epoch.epoch, ..claims(&logins[0].0) };
    assert!(!ports.revocations.confirms(forged, after(1)).await.unwrap());
    assert_eq!(accepts(ports, &others).await, [true, true]);
}

async fn no_session_of_an_erased_account_is_opened(ports: &Ports) {
    let user = given::user(ports).await;
    given::erasure(ports, &user, None).await;
    assert_eq!(ports.sessions.open(new_session(user.id)).await.unwrap(), None);
}

/// New ones are not stored, either.
async fn mailed_tokens_of_an_erased_account_are_refused(ports: &Ports) {
    let user = ports.users.create(NewUser { email_verified: false, ..new_user() }).await.unwrap();
    let (reset, verification) = (new_password_reset(&user), new_email_verification(&user));
    assert!(ports.resets.create(reset.clone()).await.unwrap());
    assert!(ports.verifications.create(verification.clone()).await.unwrap());
    let erasure = given::erasure(ports, &user, None).await;
    assert_eq!(ports.resets.find(reset.hash, after(6)).await.unwrap(), None);
    let password = PasswordHash::new("another".to_owned());
    let redemption = Redemption { hash: reset.hash, password, at: after(6) };
    assert_eq!(ports.resets.redeem(redemption).await.unwrap(), None);
    assert_eq!(ports.verifications.redeem(verification.hash, after(6)).await.unwrap(), None);
    for email in [user.email.clone(), erasure.placeholder_email()] {
        let user = User { email, ..user.clone() };
        assert!(!ports.resets.create(new_password_reset(&user)).await.unwrap());
        assert!(!ports.verifications.create(new_email_verification(&user)).await.unwrap());
    }
    assert_eq!(ports.users.find(user.id).await.unwrap(), None);
}

async fn requests_of_an_erased_account_are_not_repeated(ports: &Ports) {
    let (user, other) = (given::user(ports).await, given::user(ports).await);
    let (own, others) = (idempotency(user.id), idempotency(other.id));
    for (user, of) in [(&user, &own), (&other, &others)] {
        ports.projects.create(new_project(user.id), Some(of.clone())).await.unwrap();
    }
    let erasure = given::erasure(ports, &user, None).await;
    given::all_portions(ports, &erasure).await;
    assert_eq!(ports.idempotency.find(user.id, &own.request.key, after(6)).await.unwrap(), None);
    assert!(ports.idempotency.find(other.id, &others.request.key, after(6)).await.unwrap().is_some());
}

/// They can be linked with another account, or get a new one, and it is known when they were erased. So a token from
/// before isn't admitted.
async fn identities_of_an_erased_account_are_free(ports: &Ports) {
    let (first, second, foreign) = (identity(), identity(), identity());
    let user = ports.identities.create(first.clone(), new_user()).await.unwrap();
    assert!(ports.identities.link(link(&second, &user)).await.unwrap().is_some());
    let other = ports.identities.create(foreign.clone(), new_user()).await.unwrap();
    given::erasure(ports, &user, None).await;
    let erased_at = Some(after(5));
    for identity in [&first, &second] {
        assert_eq!(find(ports, identity).await, KnownIdentity { user: None, erased_at });
        assert_eq!(ports.identities.link(link(identity, &user)).await.unwrap(), None);
    }
    assert_eq!(find(ports, &foreign).await, KnownIdentity { user: Some(other.clone()), erased_at: None });

    let again = ports.identities.create(first.clone(), NewUser { email: user.email, ..new_user() }).await.unwrap();
    let known = find(ports, &first).await;
    assert_eq!(known, KnownIdentity { user: Some(again), erased_at });
    let second_of_erasure = after(5).trunc_subsecs(0);
    assert!(!known.admits(Some(second_of_erasure)) && known.admits(Some(second_of_erasure + TimeDelta::seconds(1))));
    assert!(ports.identities.link(link(&second, &other)).await.unwrap().is_some());
    assert_eq!(find(ports, &second).await, KnownIdentity { user: Some(other), erased_at });
}

async fn the_last_erasure_of_an_identity_is_remembered(ports: &Ports) {
    let identity = identity();
    for minutes in [5, 9] {
        let user = ports.identities.create(identity.clone(), new_user()).await.unwrap();
        let begun = ports.erasures.begin(user.erase(None, after(minutes))).await.unwrap();
        assert!(matches!(begun, Begun::Erased(_)), "{begun:?}");
        assert_eq!(find(ports, &identity).await, KnownIdentity { user: None, erased_at: Some(after(minutes)) });
    }
}

/// What is left of the sessions is erased later.
async fn an_account_with_many_sessions_is_unusable_at_once(ports: &Ports) {
    let user = given::user(ports).await;
    let mut logins = Vec::new();
    for _ in 0..45 {
        logins.push(given::login(ports, user.id).await);
    }
    let erasure = given::erasure(ports, &user, None).await;
    for login in &logins {
        assert_eq!(accepts(ports, login).await, [false, false]);
    }
    assert_eq!(ports.sessions.list(user.id, after(1), PageRequest::default()).await.unwrap().items, []);
    given::all_portions(ports, &erasure).await;
    assert_eq!(ports.sessions.delete_expired(after(1_000_000)).await.unwrap(), 0);
}
