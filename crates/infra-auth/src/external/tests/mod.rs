mod attacks;
mod contract;
mod fetching;
pub(super) mod issuer;
mod tokens;

use super::*;
use chrono::TimeDelta;
use issuer::Issuer;

fn now() -> Timestamp {
    Timestamp::from_timestamp(1_800_000_000, 123_456_000).unwrap()
}

fn later(seconds: i64) -> Timestamp {
    now() + TimeDelta::seconds(seconds)
}

fn policy() -> Policy {
    Policy { timeout: std::time::Duration::from_secs(30), ..Policy::default() }
}

/// Creates a verifier for `issuer` with an empty key cache.
fn tokens_of(issuer: &Issuer, policy: Policy) -> ExternalTokens {
    let jwks_url = issuer.url().parse().unwrap();
    let (issuer, audience) = (issuer::NAME.to_owned(), issuer::AUDIENCE.to_owned());
    ExternalTokens::new(ExternalConfig { jwks_url, issuer, audience, policy, cache_capacity: 100 }).unwrap()
}

async fn refused(tokens: &ExternalTokens, token: &str, at: Timestamp) -> TokenError {
    tokens.verify(token, at).await.expect_err(token)
}
