//! The prefix that the API is mounted under in an application of others.

use actix_web::{
    Error, HttpMessage, HttpRequest,
    body::MessageBody,
    dev::{ServiceRequest, ServiceResponse},
    middleware::Next,
};
use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};

/// How much of a request's path is the prefix of the API. All of our paths, as `/tasks/{id}`, begin behind it.
#[derive(Clone, Copy, Debug, Default)]
pub struct Prefix {
    /// The number of segments of the path, as it was sent.
    segments: usize,
    /// The length in bytes of the path, as the router decodes it.
    decoded: usize,
}

impl Prefix {
    /// The prefix of a request; empty if the API is the whole application.
    pub fn of(request: &HttpRequest) -> Self {
        request.extensions().get().copied().unwrap_or_default()
    }

    /// What the router has consumed of a request's path so far.
    fn consumed(request: &ServiceRequest) -> Self {
        let path = request.match_info();
        let decoded = path.as_str().len() - path.unprocessed().len();
        let prefix = path.as_str().get(..decoded).unwrap_or_default();
        Self { segments: prefix.matches('/').count(), decoded }
    }

    /// Returns the length of the prefix in bytes of the path, as the router decodes it.
    pub fn decoded_length(self) -> usize {
        self.decoded
    }

    /// Splits a path, as it was sent, into the prefix and the path within the API.
    pub fn split(self, path: &str) -> (&str, &str) {
        let end = path.match_indices('/').nth(self.segments).map_or(path.len(), |(end, _)| end);
        path.split_at(end)
    }
}

/// The path of a request within the API, as it was sent.
pub fn path_within(request: &HttpRequest) -> &str {
    Prefix::of(request).split(request.path()).1
}

/// The address of a path within the API, for a header.
pub fn address_of(request: &HttpRequest, path: &str) -> String {
    let (prefix, _) = Prefix::of(request).split(request.path());
    encode_for_header(prefix) + path
}

/// Percent-encodes what may not stand in a header that holds an address: everything but visible ASCII, and delimiters.
pub fn encode_for_header(address: &str) -> String {
    const UNSAFE: AsciiSet = CONTROLS.add(b' ').add(b'<').add(b'>').add(b'"');
    utf8_percent_encode(address, &UNSAFE).to_string()
}

/// The outermost middleware of a scope: remembers the prefix, which the router forgets once it has matched a route.
pub async fn middleware<B: MessageBody>(request: ServiceRequest, next: Next<B>) -> Result<ServiceResponse<B>, Error> {
    let prefix = Prefix::consumed(&request);
    request.extensions_mut().insert(prefix);
    next.call(request).await
}

#[cfg(test)]
mod tests {
    use super::*;
    use actix_web::test::TestRequest;

    fn prefix(segments: usize) -> Prefix {
        Prefix { segments, decoded: 0 }
    }

    #[test]
    fn path_is_split_behind_the_segments_of_the_prefix() {
        for (segments, path, expected) in [
            (0, "/tasks/1", ("", "/tasks/1")),
            (0, "", ("", "")),
            (1, "/tracker/tasks/1", ("/tracker", "/tasks/1")),
            (1, "/%74racker/a%2Fb", ("/%74racker", "/a%2Fb")),
            (1, "/tracker", ("/tracker", "")),
            (2, "/v1/tracker/", ("/v1/tracker", "/")),
        ] {
            assert_eq!(prefix(segments).split(path), expected, "{path}");
        }
    }

    #[test]
    fn address_begins_with_the_prefix_and_ends_no_header() {
        let request = TestRequest::with_uri("/t%22x/tasks").to_http_request();
        assert_eq!(address_of(&request, "/tasks/1"), "/tasks/1");
        request.extensions_mut().insert(prefix(1));
        assert_eq!((path_within(&request), &*address_of(&request, "/tasks/1")), ("/tasks", "/t%22x/tasks/1"));
        assert_eq!(encode_for_header("/é \"<>\n%2F"), "/%C3%A9%20%22%3C%3E%0A%2F");
    }
}
