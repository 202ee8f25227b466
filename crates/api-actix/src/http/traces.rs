//! W3C Trace Context: continues the trace that a request names.

use actix_web::http::header::{HeaderMap, HeaderName};
use opentelemetry::{
    propagation::{Extractor, TextMapPropagator},
    trace::{TraceContextExt, TraceId},
};
use opentelemetry_sdk::propagation::TraceContextPropagator;
use tracing::Span;
use tracing_opentelemetry::OpenTelemetrySpanExt;

const TRACEPARENT: HeaderName = HeaderName::from_static("traceparent");
const TRACESTATE: HeaderName = HeaderName::from_static("tracestate");

/// Bytes of a `traceparent` of version 00 (section 3.2). Later versions may be longer.
const PARENT_LENGTH: usize = 55;

/// Maximum characters of a `tracestate`: those that the specification requires. A longer one is dropped, as each span
/// would keep it.
const MAX_STATE: usize = 512;

/// Makes a span part of the trace that `traceparent` names.
pub fn continue_trace(span: &Span, headers: &HeaderMap) {
    if !headers.contains_key(TRACEPARENT) {
        return;
    }
    let parent = TraceContextPropagator::new().extract(&TraceHeaders::new(headers));
    if parent.has_active_span()
        && let Err(error) = span.set_parent(parent)
    {
        tracing::debug!(%error, "a trace isn't continued");
    }
}

/// Changes the name of a span, which may have begun.
pub fn rename(span: &Span, name: String) {
    span.context().span().update_name(name);
}

/// The trace that a span is part of, in hex digits.
pub fn trace_id(span: &Span) -> Option<String> {
    if span.is_disabled() {
        return None;
    }
    let trace_id = span.context().span().span_context().trace_id();
    (trace_id != TraceId::INVALID).then(|| trace_id.to_string())
}

/// The two headers in the form that the propagator takes: one `traceparent`, and one `tracestate` of bounded length.
struct TraceHeaders<'a> {
    parent: Option<&'a str>,
    state: Option<String>,
}

impl<'a> TraceHeaders<'a> {
    fn new(headers: &'a HeaderMap) -> Self {
        let mut parents = headers.get_all(TRACEPARENT);
        let parent = match (parents.next(), parents.next()) {
            (Some(parent), None) => parent.to_str().ok().filter(|parent| has_form(parent)),
            _ => None,
        };
        let lines: Option<Vec<_>> = headers.get_all(TRACESTATE).map(|line| line.to_str().ok()).collect();
        let state = lines.map(|lines| lines.join(",")).filter(|state| state.len() <= MAX_STATE);
        Self { parent, state }
    }
}

impl Extractor for TraceHeaders<'_> {
    fn get(&self, key: &str) -> Option<&str> {
        match key {
            "traceparent" => self.parent,
            "tracestate" => self.state.as_deref(),
            _ => None,
        }
    }

    fn keys(&self) -> Vec<&str> {
        vec!["traceparent", "tracestate"]
    }
}

/// Whether the text begins with the four fields of version 00, and ends with them if it is of that version. The
/// propagator takes fields of other lengths too, and a dash at the end.
fn has_form(parent: &str) -> bool {
    let Some((fields, rest)) = parent.split_at_checked(PARENT_LENGTH) else { return false };
    let is_hex = |field: &str| field.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
    let lengths: Vec<_> = fields.split('-').map(|field| is_hex(field).then_some(field.len())).collect();
    let has_end = rest.is_empty() || rest.starts_with('-') && !fields.starts_with("00");
    lengths == [Some(2), Some(32), Some(16), Some(2)] && has_end
}

#[cfg(test)]
mod tests {
    use super::*;
    use actix_web::http::header::HeaderValue;
    use opentelemetry::trace::SpanContext;

    const PARENT: &str = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

    fn read(headers: &HeaderMap) -> Option<SpanContext> {
        let parent = TraceContextPropagator::new().extract(&TraceHeaders::new(headers));
        parent.has_active_span().then(|| parent.span().span_context().clone())
    }

    fn headers(parents: &[&str], states: &[&str]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for (name, values) in [(TRACEPARENT, parents), (TRACESTATE, states)] {
            for value in values {
                headers.append(name.clone(), HeaderValue::from_str(value).unwrap());
            }
        }
        headers
    }

    #[test]
    fn a_traceparent_names_trace_span_and_whether_it_is_sampled() {
        let context = read(&headers(&[PARENT], &["vendor=1", "other=2"])).unwrap();
        assert_eq!(context.trace_id().to_string(), "0af7651916cd43dd8448eb211c80319c");
        assert_eq!(context.span_id().to_string(), "b7ad6b7169203331");
        assert!(context.is_sampled() && context.is_remote());
        assert_eq!(context.trace_state().header(), "vendor=1,other=2");
        let unsampled = PARENT.replace("-01", "-fe");
        assert!(!read(&headers(&[&unsampled], &[])).unwrap().is_sampled());
        let later = format!("{}-more", PARENT.replacen("00", "cc", 1));
        assert!(read(&headers(&[&later], &[])).is_some());
    }

    #[test]
    fn what_is_no_traceparent_begins_another_trace() {
        for wrong in [
            "",
            "00",
            &PARENT[..54],
            &format!("{PARENT}0"),
            &format!("{PARENT}-"),
            &format!("{PARENT}-more"),
            &PARENT.to_uppercase(),
            &PARENT.replacen("00", "ff", 1),
            &PARENT.replace("0af7", "+af7"),
            &PARENT.replace("0af7", "0ag7"),
            &PARENT.replace("-b7ad", "_b7ad"),
            &PARENT.replace("0af7651916cd43dd8448eb211c80319c", &"0".repeat(32)),
            &PARENT.replace("b7ad6b7169203331", &"0".repeat(16)),
            "00-0af7651916cd43dd8448eb211c80319-cb7ad6b7169203331-01",
        ] {
            assert!(read(&headers(&[wrong], &[])).is_none(), "{wrong}");
        }
        assert!(read(&headers(&[PARENT, PARENT], &[])).is_none());
        assert!(read(&headers(&[], &["vendor=1"])).is_none());
    }

    #[test]
    fn a_state_that_is_wrong_or_too_long_is_dropped() {
        for wrong in ["no pair", &format!("vendor={}", "x".repeat(MAX_STATE))] {
            assert_eq!(read(&headers(&[PARENT], &[wrong])).unwrap().trace_state().header(), "", "{wrong}");
        }
    }
}
