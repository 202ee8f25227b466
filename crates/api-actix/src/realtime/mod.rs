//! Connections that stay open: `/ws` and `/events`.
//!
//! Each pulls from the table of notifications as fast as its client takes them, so that there is no queue of
//! notifications per connection, and where the connection goes, everything goes with it.

pub mod access;
pub mod delivery;
pub mod events;
pub mod farewell;
mod inbox;
mod meter;
mod origin;
mod outbox;
mod registry;
pub mod socket;
pub mod stay;

use fasttrack_app::Error;
use fasttrack_domain::{
    ports::{clock::Clock, token::TokenVerifier},
    token::TokenError,
};
use meter::Meter;
use registry::Registry;
use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

/// What may be set.
#[derive(Clone, Debug)]
pub struct RealtimeConfig {
    /// Origins of browsers that may open a WebSocket, besides this server's own.
    pub origins: Vec<String>,
    /// Connections per user on this node at most.
    pub connections_per_user: usize,
    /// How often a client is asked whether it is still there. One that is silent for twice that is gone.
    pub ping_interval: Duration,
}

/// The open connections of this node.
#[derive(Debug)]
pub struct Realtime {
    config: RealtimeConfig,
    registry: Arc<Registry>,
    outage: Outage,
}

impl Realtime {
    /// Without any yet.
    pub fn new(config: RealtimeConfig) -> Self {
        Meter::show();
        let registry = Arc::new(Registry::new(config.connections_per_user));
        Self { config, registry, outage: Outage::default() }
    }

    /// Checks every open connection's token once, and ends those whose token is no longer good. Where that can't be
    /// told, they stay open; nothing is delivered on them meanwhile.
    pub async fn guard(&self, verifier: &dyn TokenVerifier, clock: &dyn Clock) {
        for connection in self.registry.connections() {
            match verifier.recheck_access(&connection.claims, clock.now()).await {
                Ok(()) => {}
                // The others' can't be told either, and asking for each takes its time.
                Err(TokenError::Unavailable) => return,
                Err(error) => connection.end(error.into()),
            }
        }
    }

    /// Ends every connection, and lets no new one stay.
    pub fn shut_down(&self) {
        self.registry.stop();
    }
}

/// Whether notifications can't be read right now. The log is told when that begins and when it's over, not by each of
/// thousands of connections.
#[derive(Debug, Default)]
struct Outage(AtomicBool);

impl Outage {
    fn on(&self, error: &Error) {
        if !self.0.swap(true, Ordering::Relaxed) {
            tracing::warn!(error = error as &dyn std::error::Error, "can't read notifications; trying on");
        }
    }

    fn over(&self) {
        if self.0.load(Ordering::Relaxed) && self.0.swap(false, Ordering::Relaxed) {
            tracing::info!("can read notifications again");
        }
    }
}
