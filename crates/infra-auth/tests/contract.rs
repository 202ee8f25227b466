//! The adapters keep the promises of their ports. That of `ExternalVerifier` is tested in `src/external/tests`.
#![expect(clippy::unwrap_used, reason = "a test may fail")]

use fasttrack_domain::ports::revocation::MockRevocationRepository;
use fasttrack_infra_auth::{
    clock::SystemClock,
    keys::{KeyRing, SigningKey},
    memory::TokenMemory,
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

/// An issuer and verifier of tokens, and its blocklist. Storage confirms every token.
fn jwt() -> (Arc<JwtTokens>, Arc<TokenMemory>) {
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
    let memory = Arc::<TokenMemory>::default();
    (Arc::new(JwtTokens::new(config, Arc::clone(&memory), Arc::new(storage))), memory)
}

async fn jwt_tokens() -> (contract::token::Ports, ()) {
    let (tokens, _) = jwt();
    (contract::token::Ports { issuer: tokens.clone(), verifier: tokens }, ())
}

async fn token_memory() -> (contract::blocklist::Ports, ()) {
    let (tokens, blocklist) = jwt();
    (contract::blocklist::Ports { blocklist, issuer: tokens.clone(), verifier: tokens }, ())
}

contract_tests!(clock, system_clock);
contract_tests!(secret, random_secrets);
contract_tests!(hasher, bcrypt);
contract_tests!(token, jwt_tokens);
contract_tests!(blocklist, token_memory);
