//! Keys, claims and mocked storage for the tests of tokens.

mod attacks;
mod forgery;
mod issuing;
mod revocation;

use super::*;
use crate::keys::{KeyAlgorithm, SigningKey, generate};
use chrono::TimeDelta;
use fasttrack_domain::{
    id::{SessionId, UserId},
    key::InstanceKey,
    ports::{RepositoryError, revocation::MockRevocationRepository},
    user::Role,
};
use std::sync::LazyLock;

/// Keys of every algorithm; generating an RSA key is slow.
static KEYS: LazyLock<[SigningKey; 4]> = LazyLock::new(|| {
    let folder = tempfile::tempdir().unwrap();
    let make = |algorithm: KeyAlgorithm| generate(&folder.path().join(algorithm.to_string()), algorithm).unwrap();
    [
        make(KeyAlgorithm::RS256),
        make(KeyAlgorithm::ES256),
        make(KeyAlgorithm::EdDSA),
        SigningKey::from_secret(b"a secret that is long enough for HS256").unwrap(),
    ]
});

fn now() -> Timestamp {
    Timestamp::from_timestamp(1_800_000_000, 123_456_000).unwrap()
}

fn later(seconds: i64) -> Timestamp {
    now() + TimeDelta::seconds(seconds)
}

fn config(keys: KeyRing) -> JwtConfig {
    JwtConfig {
        keys,
        issuer: "https://tasks.example".to_owned(),
        audience: "tasks".to_owned(),
        access_lifetime: Duration::from_mins(15),
        refresh_lifetime: Duration::from_hours(7 * 24),
    }
}

/// Storage that answers every confirmation with `answer`; `None` is an outage.
fn storage(answer: Option<bool>) -> Arc<MockRevocationRepository> {
    let mut storage = MockRevocationRepository::new();
    storage.expect_confirms().returning(move |_, _| answer.ok_or_else(|| RepositoryError::Unavailable("away".into())));
    Arc::new(storage)
}

fn tokens_with(key: &SigningKey) -> JwtTokens {
    JwtTokens::new(config(KeyRing::new(key.clone(), [])), Arc::default(), storage(Some(true)))
}

const USER_KEY: InstanceKey = InstanceKey::new([0xab; InstanceKey::LENGTH]);
const SESSION_KEY: InstanceKey = InstanceKey::new([0xcd; InstanceKey::LENGTH]);

fn grant() -> AccessGrant {
    AccessGrant {
        user_id: UserId::new(7),
        user_key: USER_KEY,
        role: Role::Admin,
        session_id: SessionId::new(-3),
        session_key: SESSION_KEY,
        epoch: 2,
    }
}

fn issue(tokens: &JwtTokens) -> TokenPair {
    tokens.issue(&grant(), &tokens.grant_refresh(now()), now()).unwrap()
}

async fn access(tokens: &JwtTokens, token: &str, now: Timestamp) -> Result<AccessClaims, TokenError> {
    tokens.verify_access(token, now).await
}
