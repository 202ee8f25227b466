//! Resolves the hosts of endpoints to allowed addresses.

use crate::{endpoint::AllowedEndpoints, failure::AddressError, lookup::Lookups};
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use std::{
    net::{IpAddr, SocketAddr},
    sync::Arc,
};

// @spec SPEC-025
/// Resolves a name to its allowed addresses. The client connects to these and resolves no name a second time, so that a
/// name server can't show another address than the one that was judged.
#[derive(Clone, Debug)]
pub(crate) struct EndpointResolver {
    endpoints: Arc<AllowedEndpoints>,
    lookups: Arc<Lookups>,
    is_tls: bool,
}

impl EndpointResolver {
    /// Creates a resolver for requests of one scheme: `https` if `is_tls`.
    pub(crate) fn new(endpoints: Arc<AllowedEndpoints>, lookups: Arc<Lookups>, is_tls: bool) -> Self {
        Self { endpoints, lookups, is_tls }
    }

    /// Returns the addresses that are allowed; an error if none is.
    fn select(&self, found: &[IpAddr]) -> Result<Vec<SocketAddr>, AddressError> {
        let allowed = found.iter().filter(|address| self.endpoints.allow(**address, self.is_tls));
        // The client sets the port.
        let allowed: Vec<_> = allowed.map(|address| SocketAddr::new(*address, 0)).collect();
        if !allowed.is_empty() {
            Ok(allowed)
        } else if self.is_tls {
            Err(AddressError::NotPublic)
        } else {
            Err(AddressError::NotAllowed)
        }
    }
}

impl Resolve for EndpointResolver {
    fn resolve(&self, name: Name) -> Resolving {
        let (resolver, lookup) = (self.clone(), self.lookups.start(name.as_str()));
        Box::pin(async move {
            let addresses = resolver.select(&lookup.await?)?;
            Ok(Box::new(addresses.into_iter()) as Addrs)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn select(networks: &[&str], is_tls: bool, found: &[&str]) -> Result<Vec<String>, AddressError> {
        let networks = networks.iter().map(|network| network.parse().unwrap()).collect();
        let endpoints = Arc::new(AllowedEndpoints::new(networks));
        let found: Vec<_> = found.iter().map(|address| address.parse().unwrap()).collect();
        let selected = EndpointResolver::new(endpoints, Arc::new(Lookups::new()), is_tls).select(&found)?;
        Ok(selected.iter().map(|address| address.ip().to_string()).collect())
    }

    #[test]
    fn addresses_that_are_not_public_are_dropped() {
        let selected = select(&[], true, &["10.0.0.1", "1.1.1.1", "::1", "2606:4700::1111"]);
        assert_eq!(selected.unwrap(), ["1.1.1.1", "2606:4700::1111"]);
        assert_eq!(select(&[], true, &["10.0.0.1", "::ffff:127.0.0.1"]), Err(AddressError::NotPublic));
        assert_eq!(select(&[], true, &[]), Err(AddressError::NotPublic));
    }

    #[test]
    fn http_resolves_to_allowed_networks_alone() {
        let found = ["1.1.1.1", "10.0.0.1", "127.0.0.1"];
        assert_eq!(select(&["10.0.0.0/8"], false, &found).unwrap(), ["10.0.0.1"]);
        assert_eq!(select(&["10.0.0.0/8"], true, &found).unwrap(), ["1.1.1.1", "10.0.0.1"]);
        assert_eq!(select(&["10.0.0.0/8"], false, &["1.1.1.1"]), Err(AddressError::NotAllowed));
    }

    #[tokio::test]
    async fn name_of_this_machine_is_refused() {
        let resolver = EndpointResolver::new(Arc::new(AllowedEndpoints::default()), Arc::new(Lookups::new()), true);
        let error = resolver.resolve("localhost".parse().unwrap()).await.err().unwrap();
        assert_eq!(error.downcast_ref::<AddressError>(), Some(&AddressError::NotPublic));
    }
}
