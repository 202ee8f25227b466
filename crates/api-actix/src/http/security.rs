//! Security headers of every response.

use actix_web::http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, CROSS_ORIGIN_RESOURCE_POLICY, HeaderMap, HeaderValue, REFERRER_POLICY,
    STRICT_TRANSPORT_SECURITY, X_CONTENT_TYPE_OPTIONS,
};

const NOSNIFF: HeaderValue = HeaderValue::from_static("nosniff");
/// URLs contain ids, and those of WebSockets and event streams may contain tickets.
const NO_REFERRER: HeaderValue = HeaderValue::from_static("no-referrer");
/// A response of the API is no page: it loads nothing, and may not be framed. Pages have policies of their own.
const NO_CONTENT_SOURCES: HeaderValue = HeaderValue::from_static("default-src 'none'; frame-ancestors 'none'");
/// Other sites can't embed a response. It doesn't restrict those that CORS allows.
const SAME_ORIGIN: HeaderValue = HeaderValue::from_static("same-origin");
/// A response to an authenticated request is private. Shared caches infer that from the `Authorization` header (RFC
/// 9111 section 3.5), but not from tokens in URLs, and a browser's cache outlives a logout.
const NO_STORE: HeaderValue = HeaderValue::from_static("no-store");
/// A year, for this host only: other hosts of the domain may not use TLS.
const HSTS: HeaderValue = HeaderValue::from_static("max-age=31536000");

/// Inserts the security headers. `is_https`: `Strict-Transport-Security` must be sent over TLS only (RFC 6797 section
/// 7.2). `is_to_bearer`: the request carried a token, valid or not.
pub fn insert_headers(headers: &mut HeaderMap, is_https: bool, is_to_bearer: bool) {
    headers.insert(X_CONTENT_TYPE_OPTIONS, NOSNIFF);
    headers.insert(REFERRER_POLICY, NO_REFERRER);
    headers.insert(CROSS_ORIGIN_RESOURCE_POLICY, SAME_ORIGIN);
    if !headers.contains_key(CONTENT_SECURITY_POLICY) {
        headers.insert(CONTENT_SECURITY_POLICY, NO_CONTENT_SOURCES);
    }
    if is_to_bearer && !headers.contains_key(CACHE_CONTROL) {
        headers.insert(CACHE_CONTROL, NO_STORE);
    }
    if is_https {
        headers.insert(STRICT_TRANSPORT_SECURITY, HSTS);
    }
}
