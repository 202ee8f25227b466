//! Rate limits in Redis, shared by all nodes.
//!
//! One script decides and counts by the server's clock, so that nodes can't race. While the server is unreachable,
//! requests are served: this node counts on its own until a background task has reconnected.

mod connection;
#[cfg(test)]
mod tests;

use crate::local::LocalLimits;
use async_trait::async_trait;
use connection::{ReconnectingClient, Reconnector};
use fasttrack_domain::{
    ports::rate_limit::RateLimits,
    rate_limit::{Quota, RateLimitStatus, Subject},
};
use redis::Client;
use std::{fmt, str::FromStr, sync::Arc, time::Duration};

/// How long a request waits for the server.
const REQUEST_TIMEOUT: Duration = Duration::from_millis(100);

// @norm NORM-SEC-002
/// The URL of a Redis server: `redis://user:password@host:6379/0`, or `rediss://…` for TLS.
#[derive(Clone)]
pub struct RedisUrl(Client);

/// The text is no URL of a Redis server. The message doesn't repeat it, as it may contain a password.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("must be redis://user:password@host:6379/0, or rediss:// for TLS")]
pub struct InvalidRedisUrl;

impl FromStr for RedisUrl {
    type Err = InvalidRedisUrl;

    fn from_str(text: &str) -> Result<Self, InvalidRedisUrl> {
        let text = text.trim();
        // Other schemes have other forms or name no server, such as a path.
        if !["redis://", "rediss://"].iter().any(|scheme| text.starts_with(scheme)) {
            return Err(InvalidRedisUrl);
        }
        Client::open(text).map(Self).map_err(|_| InvalidRedisUrl)
    }
}

impl fmt::Debug for RedisUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RedisUrl(…)")
    }
}

// @spec SPEC-007
/// Counts each subject in a Redis server (5 or later, or a compatible one). A subject's key has at most 1 KiB and
/// expires with its window.
pub struct RedisLimits {
    server: Arc<ReconnectingClient>,
    local: LocalLimits,
    _reconnector: Reconnector,
}

impl RedisLimits {
    /// Connects to the server, waiting a second at most. If it doesn't answer, a background task goes on trying.
    pub async fn connect(url: RedisUrl, quota: Quota) -> Self {
        Self::with_timeout(url, quota, REQUEST_TIMEOUT).await
    }

    async fn with_timeout(url: RedisUrl, quota: Quota, request_timeout: Duration) -> Self {
        let server = Arc::new(ReconnectingClient::new(url.0, quota, request_timeout));
        let reconnector = Reconnector::start(Arc::clone(&server)).await;
        Self { server, local: LocalLimits::new(quota), _reconnector: reconnector }
    }
}

#[async_trait]
impl RateLimits for RedisLimits {
    fn quota(&self) -> Quota {
        self.local.quota()
    }

    async fn hit(&self, subject: Subject) -> RateLimitStatus {
        match self.server.hit(subject).await {
            Some(status) => status,
            None => self.local.count(subject),
        }
    }

    async fn remove_hit(&self, subject: Subject, age: Duration) {
        if age < self.quota().window() && !self.server.remove_hit(subject, age).await {
            self.local.remove(subject, age);
        }
    }
}
