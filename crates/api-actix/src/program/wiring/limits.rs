//! Rate limits of requests and logins.

use super::Adapters;
use crate::http::rate_limit::Limits;
use crate::program::settings::Settings;
use fasttrack_app::auth::limit_logins::LimitLogins;
use fasttrack_domain::{ports::rate_limit::RateLimits, rate_limit::Quota};
use fasttrack_infra_limits::{local::LocalLimits, redis::RedisLimits};
use std::{num::NonZeroU32, sync::Arc};

impl Adapters {
    pub async fn limits(&self, settings: &Settings) -> Limits {
        let logins = NonZeroU32::new(settings.limits.logins)
            .map(|limit| LimitLogins::new(self.repositories.login_attempts.clone(), self.clock.clone(), limit));
        let quota = NonZeroU32::new(settings.limits.requests)
            .map(|limit| Quota { limit, window_seconds: settings.limits.window_seconds });
        let requests: Option<Arc<dyn RateLimits>> = match (quota, &settings.limits.redis_url) {
            (None, _) => None,
            (Some(quota), None) => Some(Arc::new(LocalLimits::new(quota))),
            (Some(quota), Some(url)) => Some(Arc::new(RedisLimits::connect(url.clone(), quota).await)),
        };
        Limits::new(requests, logins)
    }
}
