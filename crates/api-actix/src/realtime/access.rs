//! Authorizes WebSockets and event streams, in the order of every request: token, form, permission.

use super::{Realtime, origin};
use crate::{
    api::Api,
    http::{
        authenticate,
        caller::Caller,
        context::Context,
        error::{ApiError, ErrorCode},
        rate_limit, scope,
    },
    input::{fault::Faults, field::Seq},
};
use actix_http::ws::{self, HandshakeError};
use actix_web::{
    HttpRequest,
    http::{
        Version,
        header::{HeaderMap, HeaderName, HeaderValue, SEC_WEBSOCKET_PROTOCOL, SEC_WEBSOCKET_VERSION, UPGRADE},
    },
    web::Query,
};
use fasttrack_domain::{field::Invalid, rate_limit::Subject, token::AccessClaims};

const LAST_EVENT_ID: HeaderName = HeaderName::from_static("last-event-id");

/// Prefix of the subprotocol that carries a token.
const BEARER: &str = "bearer.";

// @spec SPEC-005
/// An authorized connection.
pub struct Access {
    pub claims: AccessClaims,
    /// The last notification that the client has; absent: it gets only new ones.
    pub since: Option<i64>,
}

impl Access {
    /// Authorizes `/ws`. `header` is the result of the `Authorization` header.
    pub async fn to_socket(
        request: &HttpRequest,
        header: Result<Caller, ApiError>,
        api: &Api,
        realtime: &Realtime,
    ) -> Result<Self, ApiError> {
        let query = Parameters::of(request);
        let bearer = Bearer::of(&query, request, header, api).await?;
        let handshake = verify(request);
        let since = match (query.since(), handshake.map_err(fault)) {
            (Ok(since), Ok(())) => since,
            (since, upgrade) => {
                let faults = [since.err(), upgrade.err()].into_iter().flatten().fold(Faults::default(), Faults::and);
                // RFC 6455 section 4.4: which version would do.
                let version = Box::new((SEC_WEBSOCKET_VERSION, HeaderValue::from_static("13")));
                return Err(ApiError { header: Some(version), ..faults.into() });
            }
        };
        if !origin::is_allowed(request, &realtime.config.origins) {
            return Err(ApiError::new(
                ErrorCode::Forbidden,
                "only pages of this server and of `CORS_ORIGINS` may open a WebSocket",
            ));
        }
        Ok(Self { claims: bearer.claims(request, api).await?, since })
    }

    /// Authorizes `/events`. Which pages may read it is up to CORS.
    pub async fn to_events(
        request: &HttpRequest,
        header: Result<Caller, ApiError>,
        api: &Api,
    ) -> Result<Self, ApiError> {
        let query = Parameters::of(request);
        let bearer = Bearer::of(&query, request, header, api).await?;
        let since = match (last_event_id(request.headers()), query.since()) {
            (Ok(id), Ok(since)) => id.or(since),
            (id, since) => {
                let faults = [id.err(), since.err()].into_iter().flatten();
                return Err(faults.fold(Faults::default(), Faults::and).into());
            }
        };
        Ok(Self { claims: bearer.claims(request, api).await?, since })
    }
}

/// The credentials of a request.
enum Bearer {
    /// A valid token.
    Token(AccessClaims),
    /// A ticket, unchecked: checking redeems it.
    Ticket(String),
}

impl Bearer {
    async fn of(
        query: &Parameters,
        request: &HttpRequest,
        header: Result<Caller, ApiError>,
        api: &Api,
    ) -> Result<Self, ApiError> {
        if let Some(ticket) = query.get("ticket") {
            return Ok(Self::Ticket(ticket.to_owned()));
        }
        let token = query
            .get("token")
            .or_else(|| protocols(request.headers()).find_map(|protocol| protocol.strip_prefix(BEARER)));
        let claims = match token {
            Some(token) => authenticate::authenticate(request, api, token).await?,
            None => header?.0,
        };
        rate_limit::count(request, Subject::User(claims.user_id)).await?;
        // A ticket needs no check: it is issued to tokens with the same scope alone.
        scope::check(request, &claims)?;
        Ok(Self::Token(claims))
    }

    /// Redeems a ticket. To be called last, when nothing else can refuse the request.
    async fn claims(self, request: &HttpRequest, api: &Api) -> Result<AccessClaims, ApiError> {
        match self {
            Self::Token(claims) => Ok(claims),
            Self::Ticket(ticket) => authenticate::redeem(request, api, &ticket).await,
        }
    }
}

/// The parameters of a query.
struct Parameters(Vec<(String, String)>);

impl Parameters {
    fn of(request: &HttpRequest) -> Self {
        // Any query string splits into pairs.
        Self(Query::from_query(request.query_string()).map(Query::into_inner).unwrap_or_default())
    }

    /// Returns the last parameter of this name.
    fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().rfind(|(other, _)| other == name).map(|(_, value)| value.as_str())
    }

    fn since(&self) -> Result<Option<i64>, Faults> {
        self.get("since").map(|since| seq(since, "query.since")).transpose()
    }
}

/// The id of the last event that the client received; the header is empty if there is none.
fn last_event_id(headers: &HeaderMap) -> Result<Option<i64>, Faults> {
    headers
        .get(LAST_EVENT_ID)
        .filter(|id| !id.is_empty())
        .map(|id| seq(&String::from_utf8_lossy(id.as_bytes()), "header.last-event-id"))
        .transpose()
}

fn seq(text: &str, field: &str) -> Result<i64, Faults> {
    text.parse::<Seq>().map(|seq| seq.0).map_err(|invalid| Faults::of(invalid.at(field)))
}

/// Returns the subprotocols that a client offers, in its order.
fn protocols(headers: &HeaderMap) -> impl Iterator<Item = &str> {
    let values = headers.get_all(SEC_WEBSOCKET_PROTOCOL).filter_map(|value| value.to_str().ok());
    values.flat_map(|value| value.split(',')).map(str::trim)
}

/// Validates the handshake (RFC 6455 section 4.2.1).
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
    use actix_web::test::TestRequest;

    fn request(uri: &str, headers: &[(&'static str, &'static str)]) -> HttpRequest {
        headers
            .iter()
            .fold(TestRequest::with_uri(uri), |request, header| request.append_header(*header))
            .to_http_request()
    }

    #[test]
    fn since_is_a_whole_number_and_the_last_one_counts() {
        let since = |uri: &str| Parameters::of(&request(uri, &[])).since();
        assert!(matches!(since("/ws"), Ok(None)));
        assert!(matches!(since("/ws?since=0"), Ok(Some(0))));
        assert!(matches!(since("/ws?since=x&since=%37"), Ok(Some(7))));
        assert!(matches!(since("/ws?since=9223372036854775807"), Ok(Some(i64::MAX))));
        for wrong in ["-1", "1.5", "x", "", "9223372036854775808", "%00"] {
            let error = ApiError::from(since(&format!("/ws?since={wrong}")).unwrap_err());
            assert_eq!(error.details[0].field, "query.since", "{wrong:?}");
        }
    }

    #[test]
    fn a_last_event_id_is_a_number_or_empty() {
        let id = |id| last_event_id(request("/events", &[("last-event-id", id)]).headers());
        assert!(matches!(id("12"), Ok(Some(12))));
        assert!(matches!(id(""), Ok(None)));
        let error = ApiError::from(id("latest").unwrap_err());
        assert_eq!(error.details[0].field, "header.last-event-id");
    }

    #[test]
    fn subprotocols_are_read_from_one_header_or_several() {
        let request = request(
            "/ws",
            &[("sec-websocket-protocol", "fasttrack,bearer.a.b.c"), ("sec-websocket-protocol", " other ")],
        );
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
            let error = verify(&request("/ws", &headers)).unwrap_err();
            ApiError::from(fault(error)).details[0].field.clone()
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
