//! Decides which pages may open a WebSocket. Browsers let every page try, and always send its origin; other clients
//! send none.

use crate::http::{browser, config::HttpConfig};
use actix_http::uri::Authority;
use actix_web::{
    HttpRequest,
    http::header::{HOST, ORIGIN},
    web::Data,
};
use url::{Origin, Url};

/// Whether a page of the request's origin may open a WebSocket: the origin is allowed, or it is that of this server.
pub fn is_allowed(request: &HttpRequest, allowed: &[String]) -> bool {
    let Some(origin) = request.headers().get(ORIGIN) else { return true };
    let is_https = request.app_data::<Data<HttpConfig>>().is_some_and(|config| browser::is_https(config, request));
    allowed.iter().any(|allowed| allowed.as_bytes() == origin.as_bytes())
        || origin.to_str().is_ok_and(|origin| is_own(origin, host(request), is_https))
}

/// The host that a request names. That of an absolute target goes before the header (RFC 9112 section 3.2.2).
fn host(request: &HttpRequest) -> Option<&str> {
    let target = request.uri().authority().map(Authority::as_str);
    target.or_else(|| request.headers().get(HOST)?.to_str().ok())
}

/// Whether an origin has the scheme, host and port of this server, compared as those of URLs. Unless the client is
/// known to use TLS, `http` and `https` are both accepted: a proxy that terminates TLS may not be trusted to say so.
fn is_own(origin: &str, host: Option<&str>, is_https: bool) -> bool {
    let Some((scheme, authority)) = origin.split_once("://") else { return false };
    let is_possible = scheme == "https" || (scheme == "http" && !is_https);
    let own = host.and_then(|host| origin_of(scheme, host));
    is_possible && own.is_some() && own == origin_of(scheme, authority)
}

fn origin_of(scheme: &str, authority: &str) -> Option<Origin> {
    let is_authority = authority.bytes().all(|byte| byte.is_ascii_graphic() && !b"/\\?#@".contains(&byte));
    let url = Url::parse(&format!("{scheme}://{authority}")).ok().filter(|_| is_authority)?;
    Some(url.origin())
}

#[cfg(test)]
mod tests {
    use super::*;
    use actix_web::test::TestRequest;

    fn of(uri: &str, headers: &[(&'static str, &'static str)], config: HttpConfig) -> bool {
        let allowed = ["https://app.example.org".to_owned(), "app://fasttrack".to_owned()];
        let request = TestRequest::with_uri(uri).app_data(Data::new(config));
        let request = headers.iter().fold(request, |request, header| request.append_header(*header)).to_http_request();
        is_allowed(&request, &allowed)
    }

    #[test]
    fn own_and_listed_origins_are_allowed_and_no_others() {
        let from = |origin| of("/ws", &[("host", "localhost:8080"), ("origin", origin)], HttpConfig::default());
        assert!(of("/ws", &[("host", "localhost:8080")], HttpConfig::default()), "no browser");
        for good in ["https://app.example.org", "app://fasttrack", "http://localhost:8080", "https://localhost:8080"] {
            assert!(from(good), "{good}");
        }
        for wrong in [
            "https://app.example.org:444",
            "https://APP.example.org",
            "https://app.example.org.evil.example",
            "http://app.example.org",
            "http://localhost",
            "http://localhost:8080.evil.example",
            "http://localhost:8080@evil.example",
            "http://localhost:8080/",
            "http://local\thost:8080",
            "ftp://localhost:8080",
            "localhost:8080",
            "null",
            "",
        ] {
            assert!(!from(wrong), "{wrong}");
        }
    }

    #[test]
    fn scheme_host_and_port_are_compared_as_urls_do() {
        for (host, origin, expected) in [
            ("x.example:443", "https://x.example", true),
            ("x.example:80", "http://x.example", true),
            ("x.example", "https://x.example:443", true),
            ("X.Example", "https://x.example", true),
            ("X.EXAMPLE:8443", "https://x.example:8443", true),
            ("[::1]:443", "https://[0:0:0:0:0:0:0:1]", true),
            ("x.example:443", "http://x.example", false),
            ("x.example:80", "https://x.example", false),
            ("x.example:444", "https://x.example", false),
            ("x.example.", "https://x.example", false),
            ("y@x.example", "https://x.example", false),
            ("x.example/", "https://x.example", false),
            ("", "https://x.example", false),
        ] {
            assert_eq!(is_own(origin, Some(host), false), expected, "{host} {origin}");
        }
        assert!(!is_own("https://x.example", None, false));
    }

    #[test]
    fn where_the_client_speaks_tls_a_page_without_it_is_another() {
        assert!(is_own("https://x.example", Some("x.example"), true));
        assert!(!is_own("http://x.example", Some("x.example"), true));
        let tls = HttpConfig { is_tls: true, ..HttpConfig::default() };
        assert!(!of("/ws", &[("host", "x.example"), ("origin", "http://x.example")], tls));
    }

    #[test]
    fn an_absolute_target_names_the_host() {
        let headers = [("host", "evil.example"), ("origin", "http://evil.example")];
        assert!(!of("http://x.example/ws", &headers, HttpConfig::default()));
        let headers = [("host", "evil.example"), ("origin", "http://x.example")];
        assert!(of("http://x.example/ws", &headers, HttpConfig::default()));
    }
}
