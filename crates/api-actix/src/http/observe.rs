//! The access log, and a tracing span per request.
//!
//! Both contain nothing that a client chose except its request id and its address behind a proxy: no path, query or
//! header, since these may contain tokens.

use super::{
    caller::Authentication,
    client,
    context::Context,
    metrics::Requests,
    prefix::Prefix,
    route_index::RouteIndex,
    traces::{continue_trace, rename, trace_id},
};
use actix_web::{
    Error, HttpMessage, HttpRequest,
    body::MessageBody,
    dev::{ServiceRequest, ServiceResponse},
    http::{Method, StatusCode, Uri},
    middleware::Next,
    web::Data,
};
use fasttrack_domain::id::UserId;
use std::{
    cell::{Cell, OnceCell},
    net::IpAddr,
    rc::Rc,
    time::{Duration, Instant},
};
use tracing::{
    Instrument, Span,
    field::{Empty, display},
};

/// What inner middleware has determined about a request, for its log line and span.
#[derive(Debug, Default)]
struct Findings {
    request_id: OnceCell<Rc<str>>,
    user_id: Cell<Option<UserId>>,
}

/// Records the request id for the log line.
pub fn note_context(request: &ServiceRequest, context: &Context) {
    if let Some(findings) = request.extensions().get::<Rc<Findings>>() {
        findings.request_id.get_or_init(|| context.request_id.clone());
    }
}

/// Records the user of a valid token.
pub fn note_authentication(request: &ServiceRequest, authentication: &Authentication) {
    if let Authentication::Bearer(claims) = authentication {
        note_user(request.request(), claims.user_id);
    }
}

/// Records the user of a request for the log line and the span.
pub fn note_user(request: &HttpRequest, user_id: UserId) {
    if let Some(findings) = request.extensions().get::<Rc<Findings>>() {
        findings.user_id.set(Some(user_id));
    }
}

// @spec SPEC-017
/// Writes the log line of a request, and runs the request within its span.
pub async fn middleware(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<impl MessageBody>, Error> {
    let observation = Observation::begin(&request);
    request.extensions_mut().insert(observation.findings.clone());
    let span = observation.span.clone();
    let outcome = next.call(request).instrument(span).await;
    match &outcome {
        Ok(response) => {
            let request = response.request();
            let route = request.app_data::<Rc<Requests>>().and_then(|requests| requests.route(request));
            observation.end(response.status(), route.as_deref());
        }
        Err(error) => {
            // Matched again only for 500: requests that load shedding refuses are many.
            let status = error.as_response_error().status_code();
            let pattern = observation.pattern().filter(|_| status == StatusCode::INTERNAL_SERVER_ERROR);
            let pattern = pattern.map(ToOwned::to_owned);
            observation.end(status, pattern.as_deref());
        }
    }
    outcome
}

/// A request in progress. If it is dropped before [`Self::end`], its client has hung up.
struct Observation {
    begin: Instant,
    method: &'static str,
    uri: Uri,
    prefix: Prefix,
    routes: Option<Data<RouteIndex>>,
    client: Option<IpAddr>,
    findings: Rc<Findings>,
    span: Span,
    is_ended: bool,
}

impl Observation {
    fn begin(request: &ServiceRequest) -> Self {
        let method = method_name(request.method());
        let client = client::ip(request.request());
        let span = tracing::info_span!(
            target: "fasttrack::request",
            "request",
            otel.name = method,
            otel.kind = "server",
            otel.status_code = Empty,
            client.address = Empty,
            error.type = Empty,
            http.request.method = method,
            http.response.status_code = Empty,
            http.route = Empty,
            request.id = Empty,
            user.id = Empty,
        );
        if !span.is_disabled() {
            continue_trace(&span, request.headers());
        }
        Self {
            begin: Instant::now(),
            method,
            uri: request.uri().clone(),
            prefix: Prefix::of(request.request()),
            routes: request.app_data::<Data<RouteIndex>>().cloned(),
            client,
            findings: Rc::default(),
            span,
            is_ended: false,
        }
    }

    /// The pattern of the path, for a request that was consumed by an error.
    fn pattern(&self) -> Option<&str> {
        self.routes.as_ref()?.pattern_of(self.prefix.split(self.uri.path()).1)
    }

    fn end(mut self, status: StatusCode, route: Option<&str>) {
        self.is_ended = true;
        self.log(Some(status), route);
    }

    fn log(&self, status: Option<StatusCode>, route: Option<&str>) {
        let request_id = self.findings.request_id.get();
        let user_id = self.findings.user_id.get().map(UserId::get);
        if !self.span.is_disabled() {
            self.record(status, route);
        }
        macro_rules! line {
            ($level:ident, $message:literal) => {{
                tracing::$level!(
                    target: "fasttrack::request",
                    request_id = request_id.map(display),
                    method = display(self.method),
                    route = route.map(display),
                    status = status.map(|status| status.as_u16()),
                    duration_ms = milliseconds(self.begin.elapsed()),
                    user_id,
                    client = self.client.map(display),
                    trace_id = trace_id(&self.span).map(display),
                    $message
                );
            }};
        }
        // Health checks are frequent, and matter only when they fail.
        let is_probe = route.is_some_and(|route| route.starts_with("/health/"));
        match status {
            None => line!(info, "the client is gone"),
            Some(StatusCode::OK) if is_probe => line!(debug, "answered"),
            Some(_) => line!(info, "answered"),
        }
    }

    /// Sets the attributes of the span: the semantic conventions of OpenTelemetry for HTTP servers.
    fn record(&self, status: Option<StatusCode>, route: Option<&str>) {
        let span = &self.span;
        if let Some(route) = route {
            rename(span, format!("{} {route}", self.method));
            span.record("http.route", route);
        }
        if let Some(status) = status {
            span.record("http.response.status_code", i64::from(status.as_u16()));
            if status.is_server_error() {
                span.record("otel.status_code", "ERROR").record("error.type", status.as_str());
            }
        }
        if let Some(client) = self.client {
            span.record("client.address", display(client));
        }
        if let Some(request_id) = self.findings.request_id.get() {
            span.record("request.id", &**request_id);
        }
        if let Some(user_id) = self.findings.user_id.get() {
            span.record("user.id", display(user_id));
        }
    }
}

impl Drop for Observation {
    fn drop(&mut self) {
        if !self.is_ended {
            self.log(None, self.pattern());
        }
    }
}

/// The name of a method, with a bounded set of values.
fn method_name(method: &Method) -> &'static str {
    match *method {
        Method::GET => "GET",
        Method::HEAD => "HEAD",
        Method::POST => "POST",
        Method::PUT => "PUT",
        Method::PATCH => "PATCH",
        Method::DELETE => "DELETE",
        Method::OPTIONS => "OPTIONS",
        Method::CONNECT => "CONNECT",
        Method::TRACE => "TRACE",
        _ => "_OTHER",
    }
}

/// Milliseconds with three decimals.
pub fn milliseconds(duration: Duration) -> f64 {
    u32::try_from(duration.as_micros()).map_or(duration.as_secs_f64() * 1000.0, |micros| f64::from(micros) / 1000.0)
}
