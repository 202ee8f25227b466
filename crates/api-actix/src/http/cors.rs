//! CORS: what pages of other origins may do (Fetch standard, "CORS protocol").
//!
//! Not `actix-cors`: it sends `Access-Control-Expose-Headers` to disallowed origins as well, and refuses preflights as
//! plain text before our errors can be rendered.

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

/// The methods of all routes.
const METHODS: HeaderValue = HeaderValue::from_static("GET, HEAD, POST, PUT, PATCH, DELETE");

/// The request headers that are read, besides those that browsers always send.
const REQUEST_HEADERS: HeaderValue = HeaderValue::from_static(
    "Accept, Authorization, Content-Type, Idempotency-Key, If-Match, If-None-Match, Last-Event-ID, X-Request-Id, \
     traceparent, tracestate",
);

/// The response headers that a page may read, besides those that it always may.
const EXPOSED: HeaderValue = HeaderValue::from_static(
    "ETag, Link, Location, RateLimit, RateLimit-Policy, Retry-After, X-Request-Id, Idempotency-Replayed",
);

/// Seconds that a preflight may be cached: the maximum of Chromium. Each request is still authorized by itself.
const MAX_AGE: HeaderValue = HeaderValue::from_static("7200");

// @spec SPEC-015
/// The decision about the origin of one request.
///
/// No credentials are allowed: we use no cookies, and a bearer token is no credential in this sense.
#[derive(Debug)]
pub struct CrossOrigin {
    /// The origin, if it is allowed.
    allowed: Option<HeaderValue>,
    /// Whether the response depends on the origin.
    varies: bool,
}

impl CrossOrigin {
    /// Compares the `Origin` header with the allowed origins, byte by byte.
    pub fn of(config: &HttpConfig, headers: &HeaderMap) -> Self {
        let is_listed =
            |origin: &&HeaderValue| config.cors_origins.iter().any(|listed| listed.as_bytes() == origin.as_bytes());
        Self { allowed: headers.get(ORIGIN).filter(is_listed).cloned(), varies: !config.cors_origins.is_empty() }
    }

    /// The response to a preflight. One from a disallowed origin is handled like any other request.
    ///
    /// It is the same for all paths: the browser compares it with the request, which is authorized when it is sent.
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

    /// Inserts the CORS headers of a response.
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
