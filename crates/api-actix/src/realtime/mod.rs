//! WebSockets at `/ws`, and Server-Sent Events at `/events` and `/changes/stream`.
//!
//! Each connection reads the table of notifications, or the change feed, as fast as its client takes them: there is no
//! queue per connection.

pub mod access;
pub mod change_head;
mod change_hints;
pub mod change_stream;
pub mod close_reason;
pub mod connection_log;
mod connection_metrics;
mod credentials;
pub mod events;
mod frame_head;
mod frame_reader;
mod frame_writer;
mod frames;
mod handshake;
pub mod notification_source;
mod origin;
mod parameters;
mod registry;
pub mod socket;
pub mod source;
mod utf8;

use change_head::ChangeHead;
use connection_metrics::ConnectionMetrics;
use fasttrack_domain::{
    failure::Outage,
    ports::{clock::Clock, token::TokenVerifier},
    token::TokenError,
};
use registry::Registry;
use std::{sync::Arc, time::Duration};

/// Settings of WebSockets and event streams.
#[derive(Clone, Debug)]
pub struct RealtimeConfig {
    /// Origins of browsers that may open a WebSocket, besides this server's own.
    pub origins: Vec<String>,
    /// Maximum number of connections per user on this node.
    pub connections_per_user: usize,
    /// How often a client is pinged. It is disconnected if no pong arrives for twice as long.
    pub ping_interval: Duration,
}

/// The open WebSockets and event streams of this node.
#[derive(Debug)]
pub struct Realtime {
    config: RealtimeConfig,
    registry: Arc<Registry>,
    outage: Outage,
    changes: ChangeHead,
}

impl Realtime {
    pub fn new(config: RealtimeConfig) -> Self {
        ConnectionMetrics::register();
        let registry = Arc::new(Registry::new(config.connections_per_user));
        Self { config, registry, outage: Outage::default(), changes: ChangeHead::default() }
    }

    /// Checks the token of every open connection once, and closes those whose token has become invalid. If tokens can't
    /// be checked now, the connections stay open, and nothing is delivered meanwhile.
    pub async fn close_unauthorized(&self, verifier: &dyn TokenVerifier, clock: &dyn Clock) {
        for connection in self.registry.connections() {
            match verifier.recheck_access(&connection.claims, clock.now()).await {
                Ok(()) => {}
                // The other checks would fail as well, each after a timeout.
                Err(TokenError::Unavailable) => return,
                Err(error) => connection.close(error.into()),
            }
        }
    }

    /// The latest number of the change feed, which connections wait for.
    pub fn changes(&self) -> &ChangeHead {
        &self.changes
    }

    /// Closes every connection, and refuses new ones: part of a graceful shutdown.
    pub fn shut_down(&self) {
        self.registry.shut_down();
    }
}
