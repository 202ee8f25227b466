//! Which endpoints webhooks may have.

use crate::address::is_public;
use ipnet::IpNet;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use url::{Host, Url};

// @spec SPEC-025
/// Endpoints of `https` at public addresses, and of both schemes in the networks that are allowed besides.
#[derive(Clone, Debug, Default)]
pub struct AllowedEndpoints {
    networks: Vec<IpNet>,
}

/// Why a URL is no allowed endpoint. It never contains the URL, as that may contain a secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Refusal {
    #[error("must be a URL like https://example.org/hook")]
    NoUrl,
    #[error("must be an https:// address")]
    NoTls,
    #[error("must not contain a user name or a password")]
    Credentials,
    #[error("must not name an address that is not public")]
    Forbidden,
}

impl Refusal {
    /// The code of the fault in the field `url`.
    pub(crate) fn code(self) -> &'static str {
        match self {
            Self::NoUrl => "invalid",
            Self::NoTls => "https_required",
            Self::Credentials => "credentials",
            Self::Forbidden => "forbidden_address",
        }
    }
}

impl AllowedEndpoints {
    /// Allows these networks, although they may not be public. Without any, `https` to public addresses alone is allowed.
    pub fn new(networks: Vec<IpNet>) -> Self {
        Self { networks }
    }

    /// Whether a request of this scheme may go to the address.
    pub(crate) fn allow(&self, address: IpAddr, is_tls: bool) -> bool {
        self.contains(address) || is_tls && is_public(address)
    }

    /// Parses a URL, and judges its scheme and its host. A host name is judged again when it has been resolved.
    pub(crate) fn judge(&self, url: &str) -> Result<Url, Refusal> {
        let url = Url::parse(url).map_err(|_| Refusal::NoUrl)?;
        let is_tls = match url.scheme() {
            "https" => true,
            // A name may be one of an allowed network.
            "http" if !self.networks.is_empty() => false,
            "http" => return Err(Refusal::NoTls),
            _ => return Err(Refusal::NoUrl),
        };
        if !url.username().is_empty() || url.password().is_some() {
            return Err(Refusal::Credentials);
        }
        match url.host().ok_or(Refusal::NoUrl)? {
            Host::Ipv4(address) => self.judge_address(address.into(), is_tls)?,
            Host::Ipv6(address) => self.judge_address(address.into(), is_tls)?,
            Host::Domain(name) if is_loopback(name) && !self.contains_loopback() => return Err(Refusal::Forbidden),
            Host::Domain(_) => {}
        }
        Ok(url)
    }

    fn judge_address(&self, address: IpAddr, is_tls: bool) -> Result<(), Refusal> {
        if self.allow(address, is_tls) {
            Ok(())
        } else if is_public(address) {
            Err(Refusal::NoTls)
        } else {
            Err(Refusal::Forbidden)
        }
    }

    fn contains(&self, address: IpAddr) -> bool {
        let canonical = address.to_canonical();
        self.networks.iter().any(|network| network.contains(&address) || network.contains(&canonical))
    }

    fn contains_loopback(&self) -> bool {
        self.contains(Ipv4Addr::LOCALHOST.into()) || self.contains(Ipv6Addr::LOCALHOST.into())
    }
}

/// Whether the name is the machine itself whatever a resolver says (RFC 6761 section 6.3).
fn is_loopback(name: &str) -> bool {
    let name = name.strip_suffix('.').unwrap_or(name);
    name == "localhost" || name.ends_with(".localhost")
}

#[cfg(test)]
mod tests {
    use super::*;
    use fasttrack_domain::webhook::WebhookUrl;

    fn allowing(networks: &[&str]) -> AllowedEndpoints {
        AllowedEndpoints::new(networks.iter().map(|network| network.parse().unwrap()).collect())
    }

    fn code(endpoints: &AllowedEndpoints, url: &str) -> Result<(), &'static str> {
        let url = WebhookUrl::parse(url.to_owned()).map_err(|_| "invalid")?;
        endpoints.judge(url.as_str()).map(drop).map_err(Refusal::code)
    }

    #[test]
    fn endpoint_is_https_at_a_public_host() {
        let endpoints = allowing(&[]);
        for (url, expected) in [
            ("https://example.org", Ok(())),
            ("https://example.org:8443/hook?key=secret#part", Ok(())),
            ("HTTPS://EXAMPLE.ORG/hook", Ok(())),
            ("https://1.1.1.1/hook", Ok(())),
            ("https://[2606:4700:4700::1111]/hook", Ok(())),
            ("https://localhost.example.org", Ok(())),
            ("http://example.org", Err("https_required")),
            ("http://127.0.0.1", Err("https_required")),
            ("ftp://example.org", Err("invalid")),
            ("https://", Err("invalid")),
            ("https://exa mple.org", Err("invalid")),
            ("https://[::1", Err("invalid")),
            ("example.org", Err("invalid")),
            ("https://user@example.org", Err("credentials")),
            ("https://:secret@example.org", Err("credentials")),
        ] {
            assert_eq!(code(&endpoints, url), expected, "{url}");
        }
    }

    #[test]
    fn literal_address_is_judged_in_every_form() {
        let endpoints = allowing(&[]);
        for host in [
            "127.0.0.1",
            "127.0.0.1.",
            "127.1",
            "2130706433",
            "0x7f000001",
            "0x7f.1",
            "017700000001",
            "0",
            "%31%32%37.0.0.1",
            "127。0。0。1",
            "①②⑦.⓪.⓪.①",
            "10.0.0.1",
            "169.254.169.254",
            "[::1]",
            "[::]",
            "[::ffff:127.0.0.1]",
            "[::ffff:7f00:1]",
            "[64:ff9b::10.0.0.1]",
            "[fe80::1]",
            "[fd00:ec2::254]",
            "localhost",
            "LOCALHOST.",
            "hook.localhost",
        ] {
            let url = format!("https://{host}:8443/hook");
            assert_eq!(code(&endpoints, &url), Err("forbidden_address"), "{url}");
        }
    }

    #[test]
    fn allowed_networks_are_exceptions_for_both_schemes() {
        let endpoints = allowing(&["127.0.0.0/8", "fd00::/8"]);
        for (url, expected) in [
            ("http://127.0.0.1:8080", Ok(())),
            ("https://127.9.9.9", Ok(())),
            ("http://[::ffff:127.0.0.1]", Ok(())),
            ("http://[fd00::1]", Ok(())),
            ("http://localhost", Ok(())),
            // Its addresses decide.
            ("http://example.org", Ok(())),
            ("https://example.org", Ok(())),
            ("http://1.1.1.1", Err("https_required")),
            ("https://10.0.0.1", Err("forbidden_address")),
            ("http://[::1]", Err("forbidden_address")),
        ] {
            assert_eq!(code(&endpoints, url), expected, "{url}");
        }
        assert_eq!(code(&allowing(&["10.0.0.0/8"]), "http://localhost"), Err("forbidden_address"));
        assert_eq!(code(&allowing(&["::1/128"]), "http://localhost"), Ok(()));
    }

    #[test]
    fn plain_http_goes_to_allowed_networks_alone() {
        let endpoints = allowing(&["10.0.0.0/8"]);
        for (address, is_tls, expected) in [
            ("10.1.2.3", false, true),
            ("10.1.2.3", true, true),
            ("1.1.1.1", false, false),
            ("1.1.1.1", true, true),
            ("127.0.0.1", true, false),
        ] {
            assert_eq!(endpoints.allow(address.parse().unwrap(), is_tls), expected, "{address}");
        }
    }
}
