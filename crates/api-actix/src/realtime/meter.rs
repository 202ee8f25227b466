//! What operators can see of open connections.

use super::farewell::Farewell;
use metrics::{Counter, Gauge, counter, gauge};

/// The routes that open one.
const ROUTES: [&str; 2] = ["/ws", "/events"];

/// Counts one connection as long as it is there.
pub struct Meter {
    open: Gauge,
    sent: Counter,
}

impl Meter {
    /// A connection that `route` has opened.
    pub fn open(route: &'static str) -> Self {
        let Series { open, sent } = Series::of(route);
        open.increment(1);
        Self { open, sent }
    }

    /// A notification was handed on.
    pub fn sent(&self) {
        self.sent.increment(1);
    }

    /// We end the connection.
    pub fn ends(farewell: Farewell) {
        farewells(farewell).increment(1);
    }

    /// Shows all there is to show, before anything has happened.
    pub fn show() {
        for route in ROUTES {
            Series::of(route);
        }
        for farewell in Farewell::ALL {
            farewells(farewell).increment(0);
        }
    }
}

/// Of one route.
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
                description: "Notifications that were handed to open connections.",
                "fasttrack_realtime_messages_sent_total",
                "route" => route
            ),
        }
    }
}

impl Drop for Meter {
    fn drop(&mut self) {
        self.open.decrement(1);
    }
}

fn farewells(farewell: Farewell) -> Counter {
    counter!(
        description: "Connections that the server ended, by why.",
        "fasttrack_realtime_farewells_total",
        "reason" => farewell.name()
    )
}
