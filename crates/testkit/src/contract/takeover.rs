//! Accounts that an identity takes over.

use super::blocklist;
use crate::{
    builders::{after, exchange, identity, new_email_verification, new_password_reset, new_user},
    given,
};
use fasttrack_domain::{
    id::UserId,
    identity::{Identity, IdentityLink},
    ports::{
        email_verification::EmailVerificationRepository,
        identity::{IdentityRepository, KnownIdentity},
        password_reset::PasswordResetRepository,
        revocation::RevocationRepository,
        session::SessionRepository,
        user::UserRepository,
    },
    revocation::Revoked,
    session::Exchanged,
    user::{NewUser, User},
};

contract! { $
    takeover {
        users: UserRepository,
        identities: IdentityRepository,
        sessions: SessionRepository,
        revocations: RevocationRepository,
        resets: PasswordResetRepository,
        verifications: EmailVerificationRepository,
    }
    a_takeover_ends_every_other_credential,
    a_takeover_of_another_version_changes_nothing,
}

fn link(identity: &Identity, user: &User) -> IdentityLink {
    IdentityLink { identity: identity.clone(), user_id: user.id, based_on: user.version, at: after(1) }
}

async fn a_takeover_ends_every_other_credential(ports: &Ports) {
    let (former, owner) = (identity(), identity());
    let unproven = NewUser { email_verified: false, ..new_user() };
    let user = ports.identities.create(former.clone(), unproven).await.unwrap();
    let other = given::user(ports).await;
    let (login, refresh) = given::login(ports, user.id).await;
    let (others, others_refresh) = given::login(ports, other.id).await;
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
    assert_eq!(ports.identities.find(&former).await.unwrap(), KnownIdentity::default());
    assert_eq!(ports.identities.find(&owner).await.unwrap().user, Some(taken));
    let entries: Vec<_> = blocklist(ports).await.into_iter().map(|entry| entry.subject).collect();
    assert_eq!(entries, [Revoked::User { id: user.id, epoch: user.token_epoch + 1 }]);
    let exchanged = ports.sessions.exchange(exchange(login.session.id, &refresh)).await.unwrap();
    assert_eq!(exchanged, Exchanged::Refused);
    assert_eq!(ports.resets.find(reset.hash, after(1)).await.unwrap(), None);
    assert_eq!(ports.verifications.redeem(verification.hash, after(2)).await.unwrap(), None);
    let exchanged = ports.sessions.exchange(exchange(others.session.id, &others_refresh)).await.unwrap();
    assert!(matches!(exchanged, Exchanged::Renewed(_)), "{exchanged:?}");
}

async fn a_takeover_of_another_version_changes_nothing(ports: &Ports) {
    let (identity, user) = (identity(), given::user(ports).await);
    let nobody = User { id: UserId::new(i64::MAX), ..user.clone() };
    let outdated = User { version: user.version + 1, ..user.clone() };
    for wrong in [nobody, outdated] {
        assert_eq!(ports.identities.link(link(&identity, &wrong)).await.unwrap(), None);
        assert_eq!(ports.identities.take_over(link(&identity, &wrong)).await.unwrap(), None);
    }
    assert_eq!(ports.users.find(user.id).await.unwrap(), Some(user));
    assert_eq!(blocklist(ports).await, []);
}
