//! W3C Trace Context: of which trace a request is part.

use actix_web::http::header::{HeaderMap, HeaderName};
use opentelemetry::trace::{SpanContext, SpanId, TraceFlags, TraceId, TraceState};

const TRACEPARENT: HeaderName = HeaderName::from_static("traceparent");
const TRACESTATE: HeaderName = HeaderName::from_static("tracestate");

/// What the specification wants kept, in characters; more is dropped, as each span would hold it.
const MAX_STATE: usize = 512;

/// The span that asks, if the headers name exactly one in the form of section 3.2.
pub fn read(headers: &HeaderMap) -> Option<SpanContext> {
    let mut given = headers.get_all(TRACEPARENT);
    let (Some(parent), None) = (given.next(), given.next()) else { return None };
    let (trace_id, span_id, flags) = parse(parent.as_bytes())?;
    let context = SpanContext::new(trace_id, span_id, flags, true, state(headers));
    context.is_valid().then_some(context)
}

/// `00-<32 hex digits>-<16>-<2>`, all in lower case. A later version may have more behind that.
fn parse(header: &[u8]) -> Option<(TraceId, SpanId, TraceFlags)> {
    let (known, rest) = header.split_at_checked(55)?;
    let known = str::from_utf8(known).ok()?;
    let mut parts = known.split('-');
    let mut hex = |length| {
        let part = parts.next()?;
        let is_hex = part.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
        (part.len() == length && is_hex).then_some(part)
    };
    let (version, trace_id, span_id, flags) = (hex(2)?, hex(32)?, hex(16)?, hex(2)?);
    let goes_on = match version {
        "ff" => return None,
        "00" => rest.is_empty(),
        _ => rest.is_empty() || rest.starts_with(b"-"),
    };
    let flags = TraceFlags::new(u8::from_str_radix(flags, 16).ok()?) & TraceFlags::SAMPLED;
    goes_on.then_some((TraceId::from_hex(trace_id).ok()?, SpanId::from_hex(span_id).ok()?, flags))
}

/// What other systems have noted about the trace. One that can't be read doesn't matter to the trace.
fn state(headers: &HeaderMap) -> TraceState {
    let lines: Option<Vec<_>> = headers.get_all(TRACESTATE).map(|line| line.to_str().ok()).collect();
    let state = lines.unwrap_or_default().join(",");
    if state.len() > MAX_STATE { TraceState::default() } else { state.parse().unwrap_or_default() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use actix_web::http::header::HeaderValue;

    const PARENT: &str = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

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
    fn a_state_that_is_wrong_or_too_long_is_dropped_and_the_trace_goes_on() {
        for wrong in ["no pair", &format!("vendor={}", "x".repeat(MAX_STATE))] {
            assert_eq!(read(&headers(&[PARENT], &[wrong])).unwrap().trace_state().header(), "", "{wrong}");
        }
    }
}
