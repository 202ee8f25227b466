//! What browsers and caches are told with every answer.

use actix_web::http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, CROSS_ORIGIN_RESOURCE_POLICY, HeaderMap, HeaderValue, REFERRER_POLICY,
    STRICT_TRANSPORT_SECURITY, X_CONTENT_TYPE_OPTIONS,
};

const NOSNIFF: HeaderValue = HeaderValue::from_static("nosniff");
/// Addresses hold ids, and those of connections may hold tickets.
const NO_REFERRER: HeaderValue = HeaderValue::from_static("no-referrer");
/// An answer is no page: it loads nothing, and stands in no frame. Pages have a policy of their own.
const NOTHING: HeaderValue = HeaderValue::from_static("default-src 'none'; frame-ancestors 'none'");
/// Other sites can't embed an answer. Those that may read it by CORS aren't asked this.
const SAME_ORIGIN: HeaderValue = HeaderValue::from_static("same-origin");
/// An answer to a bearer is for nobody else. Shared caches know that of the `Authorization` header (RFC 9111 section
/// 3.5), but not of tokens in addresses, and a browser's cache keeps what it was shown beyond a logout.
const NO_STORE: HeaderValue = HeaderValue::from_static("no-store");
/// A year. Of this host only: we don't know what others there are in its domain.
const HSTS: HeaderValue = HeaderValue::from_static("max-age=31536000");

/// Adds what is the same for every answer. `is_https`: a browser heeds `Strict-Transport-Security` over TLS only, and
/// must not get it otherwise (RFC 6797 section 7.2). `is_to_bearer`: the request came with a token, good or not.
pub fn insert_headers(headers: &mut HeaderMap, is_https: bool, is_to_bearer: bool) {
    headers.insert(X_CONTENT_TYPE_OPTIONS, NOSNIFF);
    headers.insert(REFERRER_POLICY, NO_REFERRER);
    headers.insert(CROSS_ORIGIN_RESOURCE_POLICY, SAME_ORIGIN);
    if !headers.contains_key(CONTENT_SECURITY_POLICY) {
        headers.insert(CONTENT_SECURITY_POLICY, NOTHING);
    }
    if is_to_bearer && !headers.contains_key(CACHE_CONTROL) {
        headers.insert(CACHE_CONTROL, NO_STORE);
    }
    if is_https {
        headers.insert(STRICT_TRANSPORT_SECURITY, HSTS);
    }
}
