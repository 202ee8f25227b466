//! The URL of a webhook's receiver.

use crate::{field::Invalid, text::bounded};
use std::fmt;

/// An `http` or `https` URL. Whether the server may send to it is decided by
/// [`EndpointPolicy`](crate::ports::webhook::EndpointPolicy). Its path and its query may contain a secret: `Debug` prints
/// scheme and host alone.
#[derive(Clone, PartialEq, Eq)]
pub struct WebhookUrl(String);

impl WebhookUrl {
    /// Maximum number of characters.
    pub const MAX: usize = 2_000;

    /// Trims white space, and checks length, scheme and characters.
    pub fn parse(raw: String) -> Result<Self, Invalid> {
        let url = Self(bounded(raw, 1, Self::MAX)?);
        let is_url = url.authority().is_some_and(|authority| !authority.is_empty())
            && !url.0.contains(|c: char| c.is_control() || c.is_whitespace());
        if is_url { Ok(url) } else { Err(Invalid::new("invalid", "must be a URL like https://example.org/hook")) }
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The host, with its port where one is given. It is empty for none.
    pub fn host(&self) -> &str {
        let authority = self.authority().unwrap_or_default();
        authority.rsplit_once('@').map_or(authority, |(_, host)| host)
    }

    /// The URL without its path, its query, its fragment and a user: each may contain a secret.
    pub fn scheme_and_host(&self) -> String {
        let (scheme, _) = self.0.split_once("://").unwrap_or_default();
        format!("{scheme}://{}", self.host())
    }

    /// What stands between the scheme and the path; `None` for another scheme.
    fn authority(&self) -> Option<&str> {
        let (scheme, rest) = self.0.split_once("://")?;
        let is_http = ["http", "https"].iter().any(|known| scheme.eq_ignore_ascii_case(known));
        is_http.then(|| rest.split(['/', '?', '#', '\\']).next().unwrap_or_default())
    }
}

impl TryFrom<String> for WebhookUrl {
    type Error = Invalid;

    fn try_from(raw: String) -> Result<Self, Invalid> {
        Self::parse(raw)
    }
}

impl fmt::Debug for WebhookUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "WebhookUrl({})", self.scheme_and_host())
    }
}
