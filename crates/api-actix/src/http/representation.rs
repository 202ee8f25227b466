//! The two representations of every JSON response: the envelope and the bare payload.

use super::error::ApiError;
use actix_web::{
    http::header::{ACCEPT, HeaderMap, HeaderValue},
    mime::Mime,
};
use fasttrack_domain::field::FieldError;
use serde::Serialize;

/// `Content-Type` of every success, and of errors in the envelope.
pub const JSON: HeaderValue = HeaderValue::from_static("application/json");
/// `Content-Type` of bare errors (RFC 9457).
pub const PROBLEM_JSON: HeaderValue = HeaderValue::from_static("application/problem+json");

// @spec SPEC-009
// @decision DEC-0024
// @norm NORM-API-001
/// How a response is wrapped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Representation {
    /// The payload is wrapped: `{"data", "error", "meta"}`.
    Envelope,
    /// The payload is not wrapped; errors are RFC 9457 problem details.
    Bare,
}

impl Representation {
    /// Returns the representation that `Accept` prefers. Without a preference, paths within the API that begin with
    /// `/api/` are bare, and all others enveloped.
    pub fn negotiate(path: &str, headers: &HeaderMap) -> Self {
        let default = if path.starts_with("/api/") { Self::Bare } else { Self::Envelope };
        headers
            .get_all(ACCEPT)
            .filter_map(|value| value.to_str().ok())
            // Fast path for what most clients send.
            .filter(|value| !matches!(*value, "*/*" | "application/json"))
            .flat_map(|value| value.split(','))
            .filter_map(Self::weighted)
            // Of equals the first wins.
            .reduce(|best, next| if next.0 > best.0 { next } else { best })
            .map_or(default, |(_, representation)| representation)
    }

    /// One media range with its weight in thousandths (RFC 9110 section 12.4.2), if it names a representation.
    fn weighted(range: &str) -> Option<(u16, Self)> {
        let range: Mime = range.trim().parse().ok()?;
        let representation = match range.essence_str() {
            "application/vnd.fasttrack.envelope+json" => Self::Envelope,
            "application/vnd.fasttrack.bare+json" => Self::Bare,
            _ => return None,
        };
        Some((weight(&range)?, representation)).filter(|(weight, _)| *weight > 0)
    }

    /// Serializes the body of a success.
    pub fn success(self, payload: &impl Serialize, request_id: &str) -> Result<Vec<u8>, serde_json::Error> {
        match self {
            Self::Bare => serde_json::to_vec(payload),
            Self::Envelope => serde_json::to_vec(&Envelope { data: payload, error: None, meta: Meta { request_id } }),
        }
    }

    /// Serializes the body of an error, and returns it with its `Content-Type`.
    pub fn error(self, error: &ApiError, request_id: &str) -> Result<(Vec<u8>, HeaderValue), serde_json::Error> {
        let (code, message, details) = (error.code.as_str(), &*error.message, &error.details);
        match self {
            Self::Bare => {
                let status = error.code.status();
                let problem = Problem {
                    kind: "about:blank",
                    title: status.canonical_reason().unwrap_or_default(),
                    status: status.as_u16(),
                    detail: message,
                    code,
                    request_id,
                    errors: details,
                };
                Ok((serde_json::to_vec(&problem)?, PROBLEM_JSON))
            }
            Self::Envelope => {
                let error = Some(ErrorBody { code, message, details });
                let body = serde_json::to_vec(&Envelope { data: (), error, meta: Meta { request_id } })?;
                Ok((body, JSON))
            }
        }
    }
}

/// The weight of a media range in thousandths (RFC 9110 section 12.4.2). `None` where it is none.
fn weight(range: &Mime) -> Option<u16> {
    let weight = match range.get_param("q") {
        Some(q) => q.as_str().parse::<f32>().ok().filter(|q| (0.0..=1.0).contains(q))?,
        None => 1.0,
    };
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "the weight is between 0 and 1")]
    Some((weight * 1000.0).round() as u16)
}

/// Whether `Accept` prefers HTML to JSON, as that of browsers does. Of equal weights the more specific media range
/// wins, then the first one; JSON if there is no preference.
pub fn prefers_html(headers: &HeaderMap) -> bool {
    let ranges: Vec<Mime> = headers
        .get_all(ACCEPT)
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .filter_map(|range| range.trim().parse().ok())
        .collect();
    rank(&ranges, "text", "html") > rank(&ranges, "application", "json")
}

/// The rank of a type in `Accept`: weight, specificity and position (from the end) of the most specific range that
/// matches it (RFC 9110 section 12.5.1).
fn rank(ranges: &[Mime], kind: &str, subtype: &str) -> Option<(u16, u8, usize)> {
    let places = (0..ranges.len()).rev();
    let matching = ranges.iter().zip(places).filter_map(|(range, place)| {
        let specific = match (range.type_().as_str(), range.subtype().as_str()) {
            (t, s) if (t, s) == (kind, subtype) => 2,
            (t, "*") if t == kind => 1,
            ("*", "*") => 0,
            _ => return None,
        };
        Some((specific, place, weight(range)?))
    });
    let (specific, place, weight) = matching.max()?;
    (weight > 0).then_some((weight, specific, place))
}

#[derive(Serialize)]
struct Envelope<'a, T> {
    data: T,
    error: Option<ErrorBody<'a>>,
    meta: Meta<'a>,
}

#[derive(Serialize)]
struct Meta<'a> {
    request_id: &'a str,
}

#[derive(Serialize)]
struct ErrorBody<'a> {
    code: &'a str,
    message: &'a str,
    details: &'a [FieldError],
}

#[derive(Serialize)]
struct Problem<'a> {
    #[serde(rename = "type")]
    kind: &'a str,
    title: &'a str,
    status: u16,
    detail: &'a str,
    code: &'a str,
    request_id: &'a str,
    errors: &'a [FieldError],
}

#[cfg(test)]
mod tests {
    use super::*;

    fn negotiate(path: &str, accept: &[&'static str]) -> Representation {
        let mut headers = HeaderMap::new();
        for value in accept {
            headers.append(ACCEPT, HeaderValue::from_static(value));
        }
        Representation::negotiate(path, &headers)
    }

    #[test]
    fn the_path_decides_where_accept_does_not() {
        for accept in [
            &[][..],
            &["*/*"],
            &["application/json"],
            &["text/html, */*;q=0.1"],
            &["application/vnd.fasttrack.v9+json"],
        ] {
            assert_eq!(negotiate("/projects", accept), Representation::Envelope, "{accept:?}");
            assert_eq!(negotiate("/api/1/tasks", accept), Representation::Bare, "{accept:?}");
        }
    }

    #[test]
    fn accept_decides_by_weight_then_by_order() {
        const BARE: &str = "application/vnd.fasttrack.bare+json";
        assert_eq!(negotiate("/projects", &[BARE]), Representation::Bare);
        assert_eq!(negotiate("/projects", &["Application/Vnd.Fasttrack.Bare+JSON"]), Representation::Bare);
        assert_eq!(negotiate("/api/", &["application/vnd.fasttrack.envelope+json"]), Representation::Envelope);
        let both = "application/vnd.fasttrack.envelope+json;q=0.4, application/vnd.fasttrack.bare+json;q=0.5";
        assert_eq!(negotiate("/projects", &[both]), Representation::Bare);
        // Not the nearest that 32 bits can have: 0.251 is more than 0.25.
        let close = "application/vnd.fasttrack.envelope+json;q=0.25, application/vnd.fasttrack.bare+json;q=0.251";
        assert_eq!(negotiate("/projects", &[close]), Representation::Bare);
        let equal = "application/vnd.fasttrack.bare+json, application/vnd.fasttrack.envelope+json";
        assert_eq!(negotiate("/projects", &[equal]), Representation::Bare);
        assert_eq!(negotiate("/projects", &["application/vnd.fasttrack.bare+json;q=0"]), Representation::Envelope);
    }

    #[test]
    fn browsers_get_html_and_everybody_else_json() {
        let prefers =
            |accept: &'static str| prefers_html(&HeaderMap::from_iter([(ACCEPT, HeaderValue::from_static(accept))]));
        for html in [
            "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8",
            "text/html",
            "*/*, text/html",
            "text/*;q=0.5, */*;q=0.4",
            "text/html, application/json",
            "application/json;q=0.9, text/html",
        ] {
            assert!(prefers(html), "{html}");
        }
        for json in [
            "*/*",
            "",
            "application/json, text/html",
            "text/html;q=0.5, application/json",
            "text/html;q=0, */*",
            "application/json, text/plain, */*",
            "application/vnd.fasttrack.bare+json",
            "text/html;q=x",
        ] {
            assert!(!prefers(json), "{json}");
        }
        assert!(!prefers_html(&HeaderMap::new()));
    }
}
