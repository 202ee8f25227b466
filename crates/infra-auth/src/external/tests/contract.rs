//! The verifier keeps the promises of its port.

use super::{
    issuer::{AUDIENCE, Issuer, KEYS, NAME, header, sign},
    *,
};
use fasttrack_testkit::{
    contract::external_verifier::{ExternalIssuer, Ports},
    contract_tests,
};

/// Publishes all keys but the last.
struct TestIssuer(Issuer);

impl ExternalIssuer for TestIssuer {
    fn name(&self) -> String {
        NAME.to_owned()
    }

    fn audience(&self) -> String {
        AUDIENCE.to_owned()
    }

    fn sign(&self, claims: &str) -> String {
        sign(&KEYS[0], &header(&KEYS[0]), &serde_json::from_str(claims).unwrap())
    }

    fn sign_with_another_key(&self, claims: &str) -> String {
        sign(&KEYS[3], &header(&KEYS[0]), &serde_json::from_str(claims).unwrap())
    }

    fn key_requests(&self) -> usize {
        self.0.asked()
    }

    fn stop_publishing(&self) {
        self.0.goes_down();
    }
}

async fn issuer() -> (Ports, ()) {
    let issuer = Issuer::of(&KEYS[..3]).await;
    let verifier = Arc::new(tokens_of(&issuer, policy()));
    (Ports { verifier, issuer: Arc::new(TestIssuer(issuer)) }, ())
}

contract_tests!(external_verifier, issuer);
