//! Settings of the HTTP layer.

use super::graceful_shutdown::ShutdownFlag;
use ipnet::IpNet;
use std::time::Duration;

/// Settings of the HTTP layer: CORS, proxies in front of the server, and how long requests may take.
#[derive(Clone, Debug)]
pub struct HttpConfig {
    /// Origins that CORS allows, as the `Origin` header names them.
    pub cors_origins: Vec<String>,
    /// Networks of the proxies whose `X-Forwarded-For` and `X-Forwarded-Proto` are trusted.
    pub trusted_proxies: Vec<IpNet>,
    /// Whether this process terminates TLS.
    pub is_tls: bool,
    /// Set once the server begins to shut down.
    pub shutdown: ShutdownFlag,
    /// How long a client may take to send a body.
    pub body_timeout: Duration,
    /// How long requests may be queued before load is shed; zero turns load shedding off.
    pub max_queue: Duration,
}

impl HttpConfig {
    /// The default of [`Self::body_timeout`].
    pub const BODY_TIMEOUT: Duration = Duration::from_secs(10);
}

impl Default for HttpConfig {
    /// No proxies, no origins, no TLS and no load shedding.
    fn default() -> Self {
        Self {
            cors_origins: Vec::new(),
            trusted_proxies: Vec::new(),
            is_tls: false,
            shutdown: ShutdownFlag::default(),
            body_timeout: Self::BODY_TIMEOUT,
            max_queue: Duration::ZERO,
        }
    }
}
