//! Stands in for `traces` in a build without the feature `opentelemetry`.

use actix_web::http::header::HeaderMap;
use tracing::Span;

pub fn continue_trace(_: &Span, _: &HeaderMap) {}

pub fn rename(_: &Span, _: String) {}

pub fn trace_id(_: &Span) -> Option<String> {
    None
}
