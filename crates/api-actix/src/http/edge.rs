//! What the application is told of the network in front of it.

use super::drain::Draining;
use ipnet::IpNet;
use std::time::Duration;

/// Who may stand between us and a client, and what browsers are told.
#[derive(Clone, Debug, Default)]
pub struct Edge {
    /// Front ends that browsers may use this server from, as `Origin` names them.
    pub origins: Vec<String>,
    /// Whose `X-Forwarded-For` and `X-Forwarded-Proto` are believed.
    pub trusted_proxies: Vec<IpNet>,
    /// Whether TLS ends here.
    pub tls: bool,
    /// Whether the server is about to stop.
    pub draining: Draining,
    /// How long clients may take.
    pub patience: Patience,
    /// How long requests may have to wait for their turn; none: however long it takes.
    pub max_queue: Duration,
}

/// How long a client may take to send a body.
#[derive(Clone, Copy, Debug)]
pub struct Patience(pub Duration);

impl Default for Patience {
    fn default() -> Self {
        Self(Duration::from_secs(10))
    }
}
