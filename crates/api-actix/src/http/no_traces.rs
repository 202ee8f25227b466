//! A build without OpenTelemetry: no request is part of a trace.

use actix_web::http::header::HeaderMap;
use tracing::Span;

pub fn continue_trace(_: &Span, _: &HeaderMap) {}

pub fn rename(_: &Span, _: String) {}

pub fn trace_id(_: &Span) -> Option<String> {
    None
}
