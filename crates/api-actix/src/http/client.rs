//! The network address and the user agent of a client.

use super::{config::HttpConfig, error::ApiError};
use actix_web::{
    FromRequest, HttpRequest,
    dev::Payload,
    http::header::{HeaderMap, HeaderName, USER_AGENT},
    web::Data,
};
use fasttrack_domain::session::Client;
use ipnet::IpNet;
use std::{
    future::{Ready, ready},
    net::{IpAddr, SocketAddr},
};

const X_FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");

// @spec SPEC-007
/// The client's address, in its canonical form. `None` only where the connection has none, as in tests of a service.
///
/// It is the peer's, unless that is a proxy which [`HttpConfig`] trusts: then that of the client which the proxy names,
/// and so on through all trusted ones.
pub fn ip(request: &HttpRequest) -> Option<IpAddr> {
    let peer = request.peer_addr()?.ip();
    let trusted = request.app_data::<Data<HttpConfig>>().map_or(&[][..], |config| &config.trusted_proxies);
    Some(behind(peer, trusted, request.headers()))
}

/// Walks `X-Forwarded-For` from right to left as long as the proxies are trusted. Anybody may have forged what is
/// further left.
fn behind(peer: IpAddr, trusted: &[IpNet], headers: &HeaderMap) -> IpAddr {
    let is_trusted = |address: &IpAddr| trusted.iter().any(|network| network.contains(address));
    let mut hop = peer.to_canonical();
    if !is_trusted(&hop) {
        return hop;
    }
    // Several lines are one list (RFC 9110 section 5.3), whose empty elements don't count (section 5.6.1.2).
    let lines: Vec<_> = headers.get_all(X_FORWARDED_FOR).collect();
    let entries = lines.iter().rev().flat_map(|line| line.as_bytes().rsplit(|byte| *byte == b','));
    for entry in entries.map(<[u8]>::trim_ascii).filter(|entry| !entry.is_empty()) {
        // An entry that can't be parsed hides a client: the proxy that sent it counts instead.
        let Some(address) = address(entry) else { break };
        hop = address;
        if !is_trusted(&hop) {
            break;
        }
    }
    hop
}

/// Parses an address as proxies write it: bare, in brackets, with or without a port.
fn address(entry: &[u8]) -> Option<IpAddr> {
    let entry = std::str::from_utf8(entry).ok()?;
    let bare = entry.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(entry);
    let address = bare.parse().or_else(|_| entry.parse::<SocketAddr>().map(|socket| socket.ip()));
    address.ok().map(|address: IpAddr| address.to_canonical())
}

/// The client of a request, as the list of sessions shows it.
pub struct RequestClient(pub Client);

impl FromRequest for RequestClient {
    type Error = ApiError;
    type Future = Ready<Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let agent = request.headers().get(USER_AGENT).and_then(|value| value.to_str().ok());
        ready(Ok(Self(Client::new(ip(request).map(|ip| ip.to_string()), agent))))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use actix_web::test::TestRequest;

    const PROXIES: &str = "10.0.0.0/8,fd00::/8";

    fn seen(peer: &str, forwarded: &[&'static str]) -> String {
        let config = HttpConfig {
            trusted_proxies: PROXIES.split(',').map(|network| network.parse().unwrap()).collect(),
            ..HttpConfig::default()
        };
        let request =
            TestRequest::default().app_data(Data::new(config)).peer_addr(SocketAddr::new(peer.parse().unwrap(), 1));
        let lines = forwarded.iter().map(|line| ("x-forwarded-for", *line));
        let request = lines.fold(request, TestRequest::append_header).to_http_request();
        ip(&request).unwrap().to_string()
    }

    #[test]
    fn whoever_is_no_trusted_proxy_is_the_client_whatever_it_says() {
        for forwarded in [&[][..], &["9.9.9.9"], &["10.0.0.1"], &["9.9.9.9", "10.0.0.1"], &["nonsense"]] {
            assert_eq!(seen("203.0.113.7", forwarded), "203.0.113.7");
            assert_eq!(seen("2001:db8::1", forwarded), "2001:db8::1");
        }
        assert_eq!(seen("::ffff:203.0.113.7", &["9.9.9.9"]), "203.0.113.7");
    }

    #[test]
    fn behind_a_proxy_the_rightmost_untrusted_entry_is_the_client() {
        for (forwarded, client) in [
            (&["198.51.100.1"][..], "198.51.100.1"),
            (&["6.6.6.6, 198.51.100.1"], "198.51.100.1"),
            (&["6.6.6.6,198.51.100.1,10.1.1.1, 10.2.2.2"], "198.51.100.1"),
            (&["6.6.6.6", "198.51.100.1", "fd00::1"], "198.51.100.1"),
            (&["2001:db8::5"], "2001:db8::5"),
            (&["::ffff:198.51.100.1"], "198.51.100.1"),
            (&["::ffff:10.1.1.1, ::ffff:10.1.1.2"], "10.1.1.1"),
        ] {
            assert_eq!(seen("10.0.0.1", forwarded), client, "{forwarded:?}");
            assert_eq!(seen("::ffff:10.0.0.1", forwarded), client, "{forwarded:?}");
        }
    }

    #[test]
    fn entries_may_have_ports_and_brackets() {
        for (entry, client) in [
            ("198.51.100.1:40000", "198.51.100.1"),
            ("[2001:db8::5]", "2001:db8::5"),
            ("[2001:db8::5]:443", "2001:db8::5"),
            (" \t198.51.100.1 ,", "198.51.100.1"),
            ("198.51.100.1, ,,", "198.51.100.1"),
        ] {
            assert_eq!(seen("10.0.0.1", &[entry]), client, "{entry:?}");
        }
    }

    #[test]
    fn what_can_not_be_read_ends_the_way_back_at_the_last_good_hop() {
        for (forwarded, client) in [
            (&[][..], "10.0.0.1"),
            (&[""], "10.0.0.1"),
            (&["unknown"], "10.0.0.1"),
            (&["198.51.100.1, _hidden"], "10.0.0.1"),
            (&["198.51.100.1, nonsense, 10.3.3.3"], "10.3.3.3"),
            (&["198.51.100.1 10.3.3.3"], "10.0.0.1"),
            (&["198.51.100.1", "[2001:db8::5"], "10.0.0.1"),
            (&["fe80::1%eth0"], "10.0.0.1"),
            (&["010.1.1.1"], "10.0.0.1"),
            (&["198.51.100.1:99999"], "10.0.0.1"),
        ] {
            assert_eq!(seen("10.0.0.1", forwarded), client, "{forwarded:?}");
        }
    }

    #[test]
    fn a_connection_without_address_has_no_client() {
        assert_eq!(ip(&TestRequest::default().to_http_request()), None);
    }
}
