//! Counts in a Redis, for all nodes that use it.
//!
//! One script decides and counts, by the server's clock, so nodes can't overtake each other. Whatever keeps the server
//! from answering, requests go on: this node counts by itself until a task in the background has the server back.

mod link;
#[cfg(test)]
mod tests;

use crate::local::LocalLimits;
use async_trait::async_trait;
use fasttrack_domain::{
    ports::rate_limit::RateLimits,
    rate_limit::{Quota, Standing, Subject},
};
use link::{Keeper, Link};
use redis::Client;
use std::{fmt, str::FromStr, sync::Arc, time::Duration};

/// How long a request waits to be counted by the server.
const PATIENCE: Duration = Duration::from_millis(100);

// @norm NORM-SEC-002
/// Where a Redis is: `redis://user:password@host:6379/0`, or `rediss://…` for TLS.
#[derive(Clone)]
pub struct RedisUrl(Client);

/// No address of a Redis. It isn't told, as it may have a password in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("must be redis://user:password@host:6379/0, or rediss:// for TLS")]
pub struct InvalidRedisUrl;

impl FromStr for RedisUrl {
    type Err = InvalidRedisUrl;

    fn from_str(text: &str) -> Result<Self, InvalidRedisUrl> {
        let text = text.trim();
        // Others are written in ways of their own, or are no addresses at all, such as a path.
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
/// Counts each subject for all nodes with this Redis (5 or later, or what speaks like it). A key of at most 1 KiB for each
/// subject is there as long as its window.
pub struct RedisLimits {
    link: Arc<Link>,
    local: LocalLimits,
    _keeper: Keeper,
}

impl RedisLimits {
    /// Waits a second at most for the server. Where it doesn't answer it may come later.
    pub async fn connect(url: RedisUrl, quota: Quota) -> Self {
        Self::waiting(url, quota, PATIENCE).await
    }

    async fn waiting(url: RedisUrl, quota: Quota, patience: Duration) -> Self {
        let link = Arc::new(Link::new(url.0, quota, patience));
        let keeper = Keeper::start(Arc::clone(&link)).await;
        Self { link, local: LocalLimits::new(quota), _keeper: keeper }
    }
}

#[async_trait]
impl RateLimits for RedisLimits {
    fn quota(&self) -> Quota {
        self.local.quota()
    }

    async fn hit(&self, subject: Subject) -> Standing {
        match self.link.hit(subject).await {
            Some(standing) => standing,
            None => self.local.count(subject),
        }
    }

    async fn take_back(&self, subject: Subject, age: Duration) {
        if !self.link.take_back(subject, age).await {
            self.local.uncount(subject, age);
        }
    }
}
