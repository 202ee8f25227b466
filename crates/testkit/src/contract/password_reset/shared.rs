//! The ports of password resets, and what the cases have in common.

use crate::builders::{after, new_password_reset};
use fasttrack_domain::{
    password::PasswordHash,
    password_reset::{NewPasswordReset, Redemption},
    ports::{
        job::JobQueue, password_reset::PasswordResetRepository, revocation::RevocationRepository,
        session::SessionRepository, user::UserRepository,
    },
    ticket::SecretHash,
    user::User,
};

ports! {
    users: UserRepository,
    resets: PasswordResetRepository,
    jobs: JobQueue,
    sessions: SessionRepository,
    revocations: RevocationRepository,
}

pub(super) async fn given_token(ports: &Ports, user: &User) -> NewPasswordReset {
    let reset = new_password_reset(user);
    assert!(ports.resets.create(reset.clone()).await.unwrap());
    reset
}

pub(super) fn redemption(hash: SecretHash) -> Redemption {
    let password = PasswordHash::new("another".to_owned());
    Redemption { hash, password, at: after(1) }
}

pub(super) async fn is_good(ports: &Ports, hash: SecretHash) -> bool {
    let found = ports.resets.find(hash, after(1)).await.unwrap().is_some();
    // What isn't found can't be used, and using it does nothing.
    assert!(found || ports.resets.redeem(redemption(hash)).await.unwrap().is_none());
    found
}

pub(super) async fn password_of(ports: &Ports, user: &User) -> Option<PasswordHash> {
    ports.users.credentials(user.id).await.unwrap().unwrap().password_hash
}
