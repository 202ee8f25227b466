//! Fetches the JSON Web Key Set of another issuer.

use super::key::{InvalidKeySet, KeySet};
use fasttrack_domain::failure::chain;
use reqwest::{Client, StatusCode, Url, header::ACCEPT, redirect};
use std::{fmt, net::IpAddr, str::FromStr, time::Duration};

/// A key takes 1 KiB at most, and a set has 100 at most.
const MAX_BODY: usize = 256 * 1024;

/// The URL of an issuer's key set. It is never shown in full, as it may contain a password.
#[derive(Clone, PartialEq, Eq)]
pub struct JwksUrl(Url);

/// The URL is not one that only the issuer can serve: `https`, or `http` on this machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("must be an https:// address; http:// only on this machine (localhost, 127.0.0.1, [::1])")]
pub struct InvalidJwksUrl;

impl FromStr for JwksUrl {
    type Err = InvalidJwksUrl;

    fn from_str(raw: &str) -> Result<Self, InvalidJwksUrl> {
        let url = Url::parse(raw.trim()).map_err(|_| InvalidJwksUrl)?;
        let host = url.host_str().ok_or(InvalidJwksUrl)?;
        let is_loopback = || {
            let address = host.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>();
            host == "localhost" || address.is_ok_and(|address| address.to_canonical().is_loopback())
        };
        let is_safe = match url.scheme() {
            "https" => true,
            "http" => is_loopback(),
            _ => false,
        };
        if is_safe { Ok(Self(url)) } else { Err(InvalidJwksUrl) }
    }
}

impl fmt::Display for JwksUrl {
    /// Shows origin and path only, as the rest may be secret.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", self.0.origin().ascii_serialization(), self.0.path())
    }
}

impl fmt::Debug for JwksUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "JwksUrl({self})")
    }
}

/// The HTTP client can't be built.
#[derive(Debug, thiserror::Error)]
#[error("no HTTP client can be made")]
pub struct SetupError(#[from] reqwest::Error);

/// Why a fetch failed.
#[derive(Debug, thiserror::Error)]
pub(super) enum FetchError {
    #[error("no answer: {}", chain(.0))]
    Http(reqwest::Error),
    #[error("the answer is {0}")]
    Status(StatusCode),
    #[error("the answer has more than {MAX_BODY} bytes")]
    TooLarge,
    #[error(transparent)]
    Invalid(#[from] InvalidKeySet),
}

impl From<reqwest::Error> for FetchError {
    fn from(error: reqwest::Error) -> Self {
        Self::Http(error.without_url())
    }
}

/// Fetches key sets over HTTP.
pub(super) struct Fetcher {
    client: Client,
    url: JwksUrl,
}

impl Fetcher {
    pub(super) fn new(url: JwksUrl, timeout: Duration) -> Result<Self, SetupError> {
        let client = Client::builder()
            .timeout(timeout)
            // A redirect could lead to any host.
            .redirect(redirect::Policy::none())
            .no_proxy()
            // A pooled connection belongs to the runtime that made it, and the next fetch is minutes away.
            .pool_max_idle_per_host(0)
            .user_agent("fasttrack")
            .build()?;
        Ok(Self { client, url })
    }

    pub(super) fn url(&self) -> &JwksUrl {
        &self.url
    }

    /// Sends one request.
    pub(super) async fn fetch(&self) -> Result<KeySet, FetchError> {
        let mut response = self.client.get(self.url.0.clone()).header(ACCEPT, "application/json").send().await?;
        if response.status() != StatusCode::OK {
            return Err(FetchError::Status(response.status()));
        }
        let mut body = Vec::new();
        while let Some(chunk) = response.chunk().await? {
            if body.len() + chunk.len() > MAX_BODY {
                return Err(FetchError::TooLarge);
            }
            body.extend_from_slice(&chunk);
        }
        Ok(KeySet::parse(&body)?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn jwks_url_must_be_https_or_local() {
        for good in [
            "https://issuer.example/jwks",
            "https://user:secret@issuer.example/jwks?tenant=1",
            "https://10.0.0.1/jwks",
            "http://localhost:3000/api/auth/jwks",
            "http://127.0.0.1/jwks",
            "http://127.8.9.10:80/jwks",
            "http://[::1]:3000/jwks",
            " https://issuer.example ",
        ] {
            assert!(good.parse::<JwksUrl>().is_ok(), "{good}");
        }
        for wrong in [
            "http://issuer.example/jwks",
            "http://localhost.issuer.example/jwks",
            "http://127.0.0.1.issuer.example/jwks",
            "http://10.0.0.1/jwks",
            "http://[2001:db8::1]/jwks",
            "http://127.0.0.1@issuer.example/jwks",
            "ftp://issuer.example/jwks",
            "file:///etc/passwd",
            "issuer.example/jwks",
            "https://",
            "",
        ] {
            assert_eq!(wrong.parse::<JwksUrl>(), Err(InvalidJwksUrl), "{wrong}");
        }
    }

    #[test]
    fn jwks_url_is_shown_without_secrets() {
        let url: JwksUrl = "https://user:secret@issuer.example/jwks?key=secret#secret".parse().unwrap();
        assert_eq!(format!("{url} {url:?}"), "https://issuer.example/jwks JwksUrl(https://issuer.example/jwks)");
    }
}
