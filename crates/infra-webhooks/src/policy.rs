//! Which URLs webhooks may be given.

use crate::{
    endpoint::{AllowedEndpoints, Refusal},
    lookup::Lookups,
};
use async_trait::async_trait;
use fasttrack_domain::{field::Invalid, ports::webhook::EndpointPolicy, webhook::WebhookUrl};
use std::{sync::Arc, time::Duration};
use tokio::time::timeout;
use url::Host;

/// How long a caller waits for the addresses of a name.
const LOOKUP_TIMEOUT: Duration = Duration::from_secs(2);

// @spec SPEC-025
/// URLs of allowed endpoints. A name is resolved for `http` alone, which needs an allowed network; for `https` its addresses
/// are judged before each attempt.
#[derive(Debug)]
pub struct HttpEndpointPolicy {
    endpoints: Arc<AllowedEndpoints>,
    lookups: Arc<Lookups>,
}

impl HttpEndpointPolicy {
    pub(crate) fn new(endpoints: Arc<AllowedEndpoints>, lookups: Arc<Lookups>) -> Self {
        Self { endpoints, lookups }
    }

    async fn judge(&self, url: &str) -> Result<(), Refusal> {
        let url = self.endpoints.judge(url)?;
        match url.host() {
            Some(Host::Domain(name)) if url.scheme() == "http" => self.judge_name(name).await,
            _ => Ok(()),
        }
    }

    /// Refuses a name without an address that `http` is allowed to.
    async fn judge_name(&self, name: &str) -> Result<(), Refusal> {
        match timeout(LOOKUP_TIMEOUT, self.lookups.start(name)).await {
            Ok(Ok(found)) if found.iter().any(|address| self.endpoints.allow(*address, false)) => Ok(()),
            _ => Err(Refusal::NoTls),
        }
    }
}

#[async_trait]
impl EndpointPolicy for HttpEndpointPolicy {
    async fn check(&self, url: &WebhookUrl) -> Result<(), Invalid> {
        self.judge(url.as_str()).await.map_err(|refusal| Invalid::new(refusal.code(), refusal.to_string()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn check(network: Option<&str>, url: &str) -> Result<(), &'static str> {
        let networks = network.into_iter().map(|network| network.parse().unwrap()).collect();
        let endpoints = Arc::new(AllowedEndpoints::new(networks));
        let policy = HttpEndpointPolicy::new(endpoints, Arc::new(Lookups::new()));
        policy.check(&WebhookUrl::parse(url.to_owned()).unwrap()).await.map_err(|invalid| invalid.code)
    }

    #[tokio::test]
    async fn http_name_must_resolve_to_an_allowed_network() {
        for (network, url, expected) in [
            (Some("127.0.0.0/8"), "http://localhost:8080", Ok(())),
            (Some("127.0.0.0/8"), "http://127.0.0.1:8080", Ok(())),
            // A name of this kind has no address (RFC 6761).
            (Some("127.0.0.0/8"), "http://hooks.invalid", Err("https_required")),
            (Some("10.0.0.0/8"), "http://localhost", Err("forbidden_address")),
            (None, "http://localhost", Err("https_required")),
        ] {
            assert_eq!(check(network, url).await, expected, "{url}");
        }
    }

    #[tokio::test]
    async fn https_name_is_not_resolved() {
        for url in ["https://hooks.invalid", "https://example.org"] {
            assert_eq!(check(Some("127.0.0.0/8"), url).await, Ok(()), "{url}");
        }
        assert_eq!(check(None, "https://localhost").await, Err("forbidden_address"));
    }
}
