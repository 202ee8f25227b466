//! The ports of API tokens, and what the cases have in common.

use crate::builders::after;
use fasttrack_domain::{
    Timestamp,
    api_token::ApiToken,
    id::UserId,
    page::{Limit, PageRequest},
    ports::{
        api_token::ApiTokenRepository, audit::AuditRepository, erasure::ErasureRepository,
        identity::IdentityRepository, password_reset::PasswordResetRepository, revocation::RevocationRepository,
        user::UserRepository,
    },
    ticket::SecretHash,
    token::{AccessClaims, TokenError},
    user::{User, UserPatch},
};

ports! {
    users: UserRepository,
    identities: IdentityRepository,
    resets: PasswordResetRepository,
    revocations: RevocationRepository,
    erasures: ErasureRepository,
    audit: AuditRepository,
    api_tokens: ApiTokenRepository,
}

pub(super) async fn find_at(
    ports: &Ports,
    hash: SecretHash,
    now: Timestamp,
) -> Option<Result<AccessClaims, TokenError>> {
    ports.api_tokens.find(hash, now).await.unwrap()
}

pub(super) async fn find(ports: &Ports, hash: SecretHash) -> Option<Result<AccessClaims, TokenError>> {
    find_at(ports, hash, after(1)).await
}

/// The claims of a token that is valid.
pub(super) async fn claims(ports: &Ports, hash: SecretHash) -> AccessClaims {
    find(ports, hash).await.unwrap().unwrap()
}

/// The tokens of the user, or of all users, on the first page of 100.
pub(super) async fn list(ports: &Ports, user: Option<UserId>) -> Vec<ApiToken> {
    let page = PageRequest { limit: Limit::new(100).unwrap(), cursor: None };
    ports.api_tokens.list(user, page).await.unwrap().items
}

/// Changes the account as it is stored.
pub(super) async fn changed(ports: &Ports, user: UserId, patch: UserPatch) -> User {
    let user = ports.users.find(user).await.unwrap().unwrap();
    ports.users.save(user.apply(patch, after(1)).unwrap(), None).await.unwrap().unwrap()
}
