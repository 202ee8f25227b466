//! The log line of a WebSocket or event stream: its request is logged when it opens, this line when it closes.

use super::{close_reason::CloseReason, connection_metrics::ConnectionMetrics};
use crate::http::{context::Context, observe::milliseconds};
use actix_web::HttpRequest;
use fasttrack_domain::id::UserId;
use std::{rc::Rc, time::Instant};

/// An open connection. Dropped, it writes a log line with the reason for which the connection closed.
pub struct ConnectionLog {
    route: &'static str,
    request_id: Rc<str>,
    user_id: UserId,
    opened: Instant,
    end: End,
    metrics: ConnectionMetrics,
}

/// Who closed the connection.
#[derive(Clone, Copy)]
enum End {
    /// Neither side: the connection was lost.
    Lost,
    Server(CloseReason),
    /// The client closed it, with this code if it sent one.
    Client(Option<u16>),
}

impl ConnectionLog {
    /// Begins the log of the connection that this request opens.
    pub fn open(route: &'static str, request: &HttpRequest, user_id: UserId) -> Self {
        let request_id = Context::of(request).request_id;
        let metrics = ConnectionMetrics::open(route);
        Self { route, request_id, user_id, opened: Instant::now(), end: End::Lost, metrics }
    }

    /// Records that the server closes the connection.
    pub fn closed_by_server(&mut self, reason: CloseReason) {
        self.end = End::Server(reason);
        ConnectionMetrics::closed(reason);
    }

    /// Counts a message that was sent.
    pub fn sent(&self) {
        self.metrics.sent();
    }

    /// Records that the client closed the connection.
    pub fn closed_by_client(&mut self, code: Option<u16>) {
        self.end = End::Client(code);
    }
}

impl Drop for ConnectionLog {
    fn drop(&mut self) {
        let (code, reason) = match self.end {
            End::Lost => (None, "the connection was lost"),
            End::Server(reason) => (Some(reason.code()), reason.reason()),
            End::Client(code) => (code, "the client left"),
        };
        tracing::info!(
            target: "fasttrack::request",
            request_id = display(&self.request_id),
            route = display(self.route),
            code,
            duration_ms = milliseconds(self.opened.elapsed()),
            user_id = self.user_id.get(),
            reason,
            "closed"
        );
    }
}
