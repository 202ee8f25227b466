//! The headers for browsers on every response: security headers and CORS.

use super::{config::HttpConfig, context::Context, cors::CrossOrigin, observe, security};
use actix_web::{
    Error, HttpRequest,
    body::{BoxBody, MessageBody},
    dev::{ResponseHead, ServiceRequest, ServiceResponse},
    error::InternalError,
    http::{
        ConnectionType, StatusCode,
        header::{AUTHORIZATION, HeaderName},
    },
    middleware::Next,
    web::Data,
};

const X_FORWARDED_PROTO: HeaderName = HeaderName::from_static("x-forwarded-proto");

// @spec SPEC-015
/// The middleware. It wraps the one that renders errors, so that pages can read those, and answers preflights before
/// authentication.
pub async fn middleware(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let config = request.app_data::<Data<HttpConfig>>().cloned().unwrap_or_default();
    let is_https = is_https(&config, request.request());
    let is_to_bearer = is_to_bearer(&request);
    let cross_origin = CrossOrigin::of(&config, request.headers());
    // After a refused upgrade, actix can't reuse the connection and would close it without notice.
    let is_upgrade = request.head().connection_type() == ConnectionType::Upgrade;
    let insert_headers = |head: &mut ResponseHead| {
        security::insert_headers(head.headers_mut(), is_https, is_to_bearer);
        cross_origin.insert_headers(head.headers_mut());
        if is_upgrade && head.status != StatusCode::SWITCHING_PROTOCOLS {
            head.set_connection_type(ConnectionType::Close);
        }
    };
    if let Some(mut preflight) = cross_origin.preflight(&request) {
        let context = Context::of(request.request());
        observe::note_context(&request, &context);
        context.insert_headers(preflight.headers_mut());
        insert_headers(preflight.head_mut());
        return Ok(request.into_response(preflight));
    }
    match next.call(request).await {
        Ok(mut response) => {
            insert_headers(response.response_mut().head_mut());
            Ok(response.map_into_boxed_body())
        }
        // A response that was returned as an error.
        Err(error) => {
            let mut response = error.error_response();
            insert_headers(response.head_mut());
            Err(InternalError::from_response("refused", response).into())
        }
    }
}

/// Whether the request may carry a token: on WebSockets and event streams it may be in the query or the subprotocol.
fn is_to_bearer(request: &ServiceRequest) -> bool {
    request.headers().contains_key(AUTHORIZATION)
        || matches!(request.match_info().unprocessed(), "/ws" | "/events" | "/changes/stream")
}

/// Whether the client uses TLS: to this process, or to a trusted proxy according to its `X-Forwarded-Proto`.
pub fn is_https(config: &HttpConfig, request: &HttpRequest) -> bool {
    if config.is_tls || config.trusted_proxies.is_empty() {
        return config.is_tls;
    }
    let is_trusted = request.peer_addr().is_some_and(|peer| {
        let peer = peer.ip().to_canonical();
        config.trusted_proxies.iter().any(|network| network.contains(&peer))
    });
    // The last of several was written by the nearest proxy.
    is_trusted
        && request.headers().get_all(X_FORWARDED_PROTO).last().is_some_and(|line| {
            let last = line.as_bytes().rsplit(|byte| *byte == b',').next().unwrap_or_default();
            last.trim_ascii().eq_ignore_ascii_case(b"https")
        })
}

#[cfg(test)]
mod tests {
    use super::*;
    use actix_web::test::TestRequest;
    use std::net::SocketAddr;

    fn https(config: &HttpConfig, peer: &str, proto: &[&'static str]) -> bool {
        let request = TestRequest::default().peer_addr(SocketAddr::new(peer.parse().unwrap(), 1));
        let lines = proto.iter().map(|line| ("x-forwarded-proto", *line));
        is_https(config, &lines.fold(request, TestRequest::append_header).to_http_request())
    }

    #[test]
    fn only_a_trusted_proxy_says_whether_its_client_uses_tls() {
        let proxied = HttpConfig { trusted_proxies: vec!["10.0.0.0/8".parse().unwrap()], ..HttpConfig::default() };
        for peer in ["10.0.0.1", "::ffff:10.0.0.1"] {
            for yes in [&["https"][..], &["http, HTTPS "], &["http", "https"]] {
                assert!(https(&proxied, peer, yes), "{peer} {yes:?}");
            }
            for no in [&[][..], &["http"], &["https,http"], &["https", "http"], &["https,"], &[""], &["https2"]] {
                assert!(!https(&proxied, peer, no), "{peer} {no:?}");
            }
        }
        assert!(!https(&proxied, "203.0.113.7", &["https"]));
        assert!(!https(&HttpConfig::default(), "10.0.0.1", &["https"]));
        assert!(https(&HttpConfig { is_tls: true, ..HttpConfig::default() }, "203.0.113.7", &["http"]));
    }
}
