//! Validates the handshake of a WebSocket (RFC 6455 section 4.2.1), and reads the subprotocols that it offers.

use crate::{http::context::Context, input::fault::Faults};
use actix_http::ws::{self, HandshakeError};
use actix_web::{
    HttpRequest,
    http::{
        Version,
        header::{HeaderMap, HeaderValue, SEC_WEBSOCKET_PROTOCOL, UPGRADE},
    },
};
use fasttrack_domain::field::Invalid;

/// Returns the subprotocols that a client offers, in its order.
pub fn protocols(headers: &HeaderMap) -> impl Iterator<Item = &str> {
    let values = headers.get_all(SEC_WEBSOCKET_PROTOCOL).filter_map(|value| value.to_str().ok());
    values.flat_map(|value| value.split(',')).map(str::trim)
}

/// Validates the handshake. A fault names its header.
pub fn check(request: &HttpRequest) -> Result<(), Faults> {
    verify(request).map_err(fault)
}

fn verify(request: &HttpRequest) -> Result<(), HandshakeError> {
    if Context::of(request).is_head {
        return Err(HandshakeError::GetMethodRequired);
    }
    // An HTTP/1.0 client can't upgrade (RFC 9110 section 7.8), and of several protocols the connection takes none.
    let is_websocket = |value: &HeaderValue| value.as_bytes().trim_ascii().eq_ignore_ascii_case(b"websocket");
    let is_offered = request.headers().get(UPGRADE).is_some_and(is_websocket);
    if request.version() < Version::HTTP_11 || !is_offered {
        return Err(HandshakeError::NoWebsocketUpgrade);
    }
    ws::verify_handshake(request.head())
}

fn fault(error: HandshakeError) -> Faults {
    let (field, message) = match error {
        HandshakeError::GetMethodRequired | HandshakeError::NoWebsocketUpgrade => {
            ("header.upgrade", "must be `websocket`: this address is for WebSockets")
        }
        HandshakeError::NoConnectionUpgrade => ("header.connection", "must be `Upgrade`"),
        HandshakeError::NoVersionHeader | HandshakeError::UnsupportedVersion => {
            ("header.sec-websocket-version", "must be 13")
        }
        HandshakeError::BadWebsocketKey => ("header.sec-websocket-key", "must be 16 bytes in base64"),
    };
    Faults::of(Invalid::new("invalid", message).at(field))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::error::ApiError;
    use actix_web::test::TestRequest;

    fn request(headers: &[(&'static str, &'static str)]) -> HttpRequest {
        headers
            .iter()
            .fold(TestRequest::with_uri("/ws"), |request, header| request.append_header(*header))
            .to_http_request()
    }

    #[test]
    fn subprotocols_are_read_from_one_header_or_several() {
        let request =
            request(&[("sec-websocket-protocol", "fasttrack,bearer.a.b.c"), ("sec-websocket-protocol", " other ")]);
        assert_eq!(protocols(request.headers()).collect::<Vec<_>>(), ["fasttrack", "bearer.a.b.c", "other"]);
    }

    #[test]
    fn what_is_no_handshake_names_the_header() {
        let whole = [
            ("upgrade", "websocket"),
            ("connection", "upgrade"),
            ("sec-websocket-version", "13"),
            ("sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ=="),
        ];
        let field = |header: (&'static str, &'static str)| {
            let headers = whole.map(|other| if other.0 == header.0 { header } else { other });
            ApiError::from(check(&request(&headers)).unwrap_err()).details[0].field.clone()
        };
        for other in ["h2c", "websocket2", "h2c, websocket"] {
            assert_eq!(field(("upgrade", other)), "header.upgrade", "{other}");
        }
        assert_eq!(field(("sec-websocket-version", "8")), "header.sec-websocket-version");
        assert_eq!(field(("sec-websocket-key", "short")), "header.sec-websocket-key");
        let old = whole.iter().fold(TestRequest::with_uri("/ws").version(Version::HTTP_10), |request, header| {
            request.append_header(*header)
        });
        assert!(matches!(verify(&old.to_http_request()), Err(HandshakeError::NoWebsocketUpgrade)));
    }
}
