//! The adapters keep the promises of their ports.
#![expect(clippy::unwrap_used, reason = "a test may fail")]

use fasttrack_domain::ports::revocation::MockRevocationRepository;
use fasttrack_infra_auth::{
    clock::SystemClock,
    keys::{KeyRing, SigningKey},
    password::BcryptHasher,
    secret::RandomSecrets,
    token::{JwtConfig, JwtTokens},
};
use fasttrack_testkit::{contract, contract_tests};
use std::{sync::Arc, time::Duration};

async fn system_clock() -> (contract::clock::Ports, ()) {
    (contract::clock::Ports { clock: Arc::new(SystemClock) }, ())
}

async fn random_secrets() -> (contract::secret::Ports, ()) {
    (contract::secret::Ports { secrets: Arc::new(RandomSecrets) }, ())
}

async fn bcrypt() -> (contract::hasher::Ports, ()) {
    (contract::hasher::Ports { hasher: Arc::new(BcryptHasher::new(4, 2, 16).unwrap()) }, ())
}

async fn jwt() -> (contract::token::Ports, ()) {
    let mut storage = MockRevocationRepository::new();
    storage.expect_confirms().returning(|_, _| Ok(true));
    let key = SigningKey::from_secret(b"a secret that is long enough for HS256").unwrap();
    let config = JwtConfig {
        keys: KeyRing::new(key, []),
        issuer: "https://tasks.example".to_owned(),
        audience: "tasks".to_owned(),
        access_lifetime: Duration::from_mins(15),
        refresh_lifetime: Duration::from_hours(7 * 24),
    };
    let tokens = Arc::new(JwtTokens::new(config, Arc::default(), Arc::new(storage)));
    (contract::token::Ports { issuer: tokens.clone(), verifier: tokens }, ())
}

contract_tests!(clock, system_clock);
contract_tests!(secret, random_secrets);
contract_tests!(hasher, bcrypt);
contract_tests!(token, jwt);
