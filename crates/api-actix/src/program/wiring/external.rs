//! Tokens of another issuer.

use super::Adapters;
use crate::program::{
    settings::{ExternalIssuer, Settings},
    start::StartError,
};
use fasttrack_app::auth::authenticate::{Authenticate, External};
use fasttrack_domain::ports::identity::ExternalVerifier;
pub use fasttrack_infra_auth::external::JwksUrl;
use fasttrack_infra_auth::{
    external::{ExternalConfig, ExternalTokens, Policy},
    secret::RandomSecrets,
};
use std::sync::Arc;

/// Verified tokens that are remembered, at about 300 bytes each.
const REMEMBERED_TOKENS: usize = 10_000;

/// Checks tokens of the issuer that the settings name, if they do.
pub(super) fn external_tokens(settings: &Settings) -> Result<Option<Arc<dyn ExternalVerifier>>, StartError> {
    let Some(ExternalIssuer { jwks_url, issuer, audience }) = settings.external_issuer.clone() else {
        return Ok(None);
    };
    let policy = Policy::default();
    let config = ExternalConfig { jwks_url, issuer, audience, policy, cache_capacity: REMEMBERED_TOKENS };
    let tokens = ExternalTokens::new(config).map_err(|error| StartError::failed("JWKS_URL", &error))?;
    Ok(Some(Arc::new(tokens)))
}

impl Adapters {
    /// Finds out who sends a request.
    pub(super) fn authenticate(&self) -> Authenticate {
        let external = self.external.clone().map(|verifier| External {
            verifier,
            identities: self.uncounted.identities.clone(),
            users: self.uncounted.users.clone(),
            secrets: Arc::new(RandomSecrets),
            blocklist: self.blocklist.clone(),
        });
        Authenticate::new(self.tokens.clone(), external, self.clock.clone())
    }
}
