//! Metrics of WebSockets and event streams.

use super::close_reason::CloseReason;
use metrics::{Counter, Gauge, counter, gauge};

/// The routes that open such a connection.
const ROUTES: [&str; 3] = ["/ws", "/events", "/changes/stream"];

/// Counts one connection while it is open.
pub struct ConnectionMetrics {
    open: Gauge,
    sent: Counter,
}

impl ConnectionMetrics {
    /// Counts a connection that `route` opened, until it is dropped.
    pub fn open(route: &'static str) -> Self {
        let Series { open, sent } = Series::of(route);
        open.increment(1);
        Self { open, sent }
    }

    /// Counts a message that was sent.
    pub fn sent(&self) {
        self.sent.increment(1);
    }

    /// Counts a connection that the server closes.
    pub fn closed(reason: CloseReason) {
        closed_total(reason).increment(1);
    }

    /// Registers all series, so that they are there before the first connection.
    pub fn register() {
        for route in ROUTES {
            Series::of(route);
        }
        for reason in CloseReason::ALL {
            closed_total(reason).increment(0);
        }
    }
}

/// The metrics of one route.
struct Series {
    open: Gauge,
    sent: Counter,
}

impl Series {
    fn of(route: &'static str) -> Self {
        Self {
            open: gauge!(
                description: "WebSockets and event streams that are open.",
                "fasttrack_realtime_connections",
                "route" => route
            ),
            sent: counter!(
                description: "Notifications, changes and hints of them that were handed to open connections.",
                "fasttrack_realtime_messages_sent_total",
                "route" => route
            ),
        }
    }
}

impl Drop for ConnectionMetrics {
    fn drop(&mut self) {
        self.open.decrement(1);
    }
}

fn closed_total(reason: CloseReason) -> Counter {
    counter!(
        description: "Connections that the server ended, by why.",
        "fasttrack_realtime_farewells_total",
        "reason" => reason.name()
    )
}
