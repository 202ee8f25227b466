//! The request id and the representation of a request.

use super::representation::Representation;
use actix_web::{
    HttpMessage, HttpRequest,
    http::{
        Method,
        header::{HeaderMap, HeaderName, HeaderValue},
    },
};
use std::rc::Rc;

const X_REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// What a response needs of its request, read before the request is routed.
#[derive(Clone, Debug)]
pub struct Context {
    /// Equals the `X-Request-Id` of the response.
    pub request_id: Rc<str>,
    /// How the response is wrapped.
    pub representation: Representation,
    /// Whether the method was HEAD, which is handled as GET.
    pub is_head: bool,
}

impl Context {
    /// The context of a request that went through the middleware.
    pub fn of(request: &HttpRequest) -> Self {
        request.extensions().get::<Self>().cloned().unwrap_or_else(|| Self::read(request))
    }

    /// Reads a request before it is routed.
    pub(super) fn read(request: &HttpRequest) -> Self {
        let headers = request.headers();
        let given = headers.get(X_REQUEST_ID).and_then(|value| value.to_str().ok()).filter(|id| is_request_id(id));
        Self {
            request_id: given.map_or_else(|| uuid::Uuid::new_v4().to_string().into(), Rc::from),
            representation: Representation::negotiate(request.match_info().unprocessed(), headers),
            is_head: *request.method() == Method::HEAD,
        }
    }

    /// Inserts `X-Request-Id`.
    pub(super) fn insert_headers(&self, headers: &mut HeaderMap) {
        if let Ok(value) = HeaderValue::from_str(&self.request_id) {
            headers.insert(X_REQUEST_ID, value);
        }
    }
}

/// 1 to 128 visible ASCII characters: nothing that could forge a line in a log.
fn is_request_id(id: &str) -> bool {
    (1..=128).contains(&id.len()) && id.bytes().all(|byte| byte.is_ascii_graphic())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_id_is_visible_ascii_of_at_most_128_characters() {
        assert!(is_request_id("a-1") && is_request_id(&"x".repeat(128)));
        for wrong in ["", " ", "a b", "a\tb", "é", &"x".repeat(129)] {
            assert!(!is_request_id(wrong), "{wrong:?}");
        }
    }
}
