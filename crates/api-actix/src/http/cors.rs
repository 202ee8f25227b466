//! What pages of other origins may do (Fetch standard, "CORS protocol").
//!
//! Ours rather than `actix-cors`: that one sends `Access-Control-Expose-Headers` to origins which are not allowed, too,
//! and refuses preflights as plain text before our errors can be rendered.

use super::config::HttpConfig;
use actix_web::{
    HttpResponse,
    dev::ServiceRequest,
    http::{
        Method,
        header::{
            ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS, ACCESS_CONTROL_ALLOW_ORIGIN,
            ACCESS_CONTROL_EXPOSE_HEADERS, ACCESS_CONTROL_MAX_AGE, ACCESS_CONTROL_REQUEST_METHOD, HeaderMap,
            HeaderValue, ORIGIN, VARY,
        },
    },
};

/// Every method that a route has.
const METHODS: HeaderValue = HeaderValue::from_static("GET, HEAD, POST, PUT, PATCH, DELETE");

/// Every request header that is read, beside those that browsers send by themselves.
const REQUEST_HEADERS: HeaderValue = HeaderValue::from_static(
    "Accept, Authorization, Content-Type, Idempotency-Key, If-Match, If-None-Match, Last-Event-ID, X-Request-Id, \
     traceparent, tracestate",
);

/// What a page may read of an answer, beside the few headers that it always may.
const EXPOSED: HeaderValue = HeaderValue::from_static(
    "ETag, Link, Location, RateLimit, RateLimit-Policy, Retry-After, X-Request-Id, Idempotency-Replayed",
);

/// Seconds that a preflight is remembered: as long as Chromium does at most. What it allows is asked again with each
/// request.
const MAX_AGE: HeaderValue = HeaderValue::from_static("7200");

// @spec SPEC-015
/// What there is to tell about the origin of one request.
///
/// No credentials are allowed: we use no cookies, and a bearer token is no credential in this sense.
#[derive(Debug)]
pub struct CrossOrigin {
    /// Of a page that may use us.
    allowed: Option<HeaderValue>,
    /// Whether another origin would be told something else.
    varies: bool,
}

impl CrossOrigin {
    /// Compares byte by byte.
    pub fn of(config: &HttpConfig, headers: &HeaderMap) -> Self {
        let is_listed =
            |origin: &&HeaderValue| config.cors_origins.iter().any(|listed| listed.as_bytes() == origin.as_bytes());
        Self { allowed: headers.get(ORIGIN).filter(is_listed).cloned(), varies: !config.cors_origins.is_empty() }
    }

    /// The answer to a preflight. One of an origin that isn't allowed is a request like any other.
    ///
    /// It says what there is, for all addresses alike: the browser compares, and the request itself is judged when it
    /// comes.
    pub fn preflight(&self, request: &ServiceRequest) -> Option<HttpResponse> {
        let is_preflight =
            *request.method() == Method::OPTIONS && request.headers().contains_key(ACCESS_CONTROL_REQUEST_METHOD);
        (is_preflight && self.allowed.is_some()).then(|| {
            HttpResponse::NoContent()
                .insert_header((ACCESS_CONTROL_ALLOW_METHODS, METHODS))
                .insert_header((ACCESS_CONTROL_ALLOW_HEADERS, REQUEST_HEADERS))
                .insert_header((ACCESS_CONTROL_MAX_AGE, MAX_AGE))
                .finish()
        })
    }

    /// Adds what the browser has to know.
    pub fn insert_headers(&self, headers: &mut HeaderMap) {
        if self.varies {
            let vary = match headers.get(VARY).map(HeaderValue::as_bytes) {
                None => HeaderValue::from_static("Origin"),
                Some(b"Accept") => HeaderValue::from_static("Accept, Origin"),
                Some(_) => return headers.append(VARY, HeaderValue::from_static("Origin")),
            };
            headers.insert(VARY, vary);
        }
        if let Some(origin) = &self.allowed {
            headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, origin.clone());
            headers.insert(ACCESS_CONTROL_EXPOSE_HEADERS, EXPOSED);
        }
    }
}
