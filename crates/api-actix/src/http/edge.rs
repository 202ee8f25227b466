//! What the application is told of the network in front of it.

use super::drain::Draining;
use ipnet::IpNet;

/// Who may stand between us and a client, and what browsers are told.
#[derive(Clone, Debug, Default)]
pub struct Edge {
    /// Front ends that browsers may use this server from, as `Origin` names them.
    pub origins: Vec<String>,
    /// Whose `X-Forwarded-For` is believed.
    pub trusted_proxies: Vec<IpNet>,
    /// Whether TLS ends here.
    pub tls: bool,
    /// Whether the server is about to stop.
    pub draining: Draining,
}
