//! How long a connection stays open, for the log: its request is answered when it begins.

use super::{farewell::Farewell, meter::Meter};
use crate::http::{context::Context, observe::milliseconds};
use actix_web::HttpRequest;
use fasttrack_domain::id::UserId;
use std::{rc::Rc, time::Instant};

/// A connection that is open. Dropped, it is over, and the log is told why.
pub struct Stay {
    route: &'static str,
    request_id: Rc<str>,
    user_id: UserId,
    begin: Instant,
    end: End,
    meter: Meter,
}

/// Why it is over.
#[derive(Clone, Copy)]
enum End {
    /// It was torn off, or given up.
    Lost,
    /// We ended it.
    Ours(Farewell),
    /// The client did, with this code.
    Theirs(Option<u16>),
}

impl Stay {
    /// It begins with this request.
    pub fn begin(route: &'static str, request: &HttpRequest, user_id: UserId) -> Self {
        let request_id = Context::of(request).request_id;
        Self { route, request_id, user_id, begin: Instant::now(), end: End::Lost, meter: Meter::open(route) }
    }

    /// We end it.
    pub fn ends(&mut self, farewell: Farewell) {
        self.end = End::Ours(farewell);
        Meter::ends(farewell);
    }

    /// A notification was handed on.
    pub fn sent(&self) {
        self.meter.sent();
    }

    /// The client ends it.
    pub fn is_left(&mut self, code: Option<u16>) {
        self.end = End::Theirs(code);
    }
}

impl Drop for Stay {
    fn drop(&mut self) {
        let (code, reason) = match self.end {
            End::Lost => (None, "the connection was lost"),
            End::Ours(farewell) => (Some(farewell.code()), farewell.reason()),
            End::Theirs(code) => (code, "the client left"),
        };
        tracing::info!(
            target: "fasttrack::request",
            request_id = display(&self.request_id),
            route = display(self.route),
            code,
            duration_ms = milliseconds(self.begin.elapsed()),
            user_id = self.user_id.get(),
            reason,
            "closed"
        );
    }
}
