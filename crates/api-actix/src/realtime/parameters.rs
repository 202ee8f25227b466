//! The parameters of a WebSocket or an event stream: its query, and where it goes on.

use crate::input::{
    fault::Faults,
    field::{Flag, Seq},
};
use actix_web::{
    HttpRequest,
    http::header::{HeaderMap, HeaderName},
    web::Query,
};
use fasttrack_domain::change::FeedCursor;
use std::borrow::Cow;

const LAST_EVENT_ID: HeaderName = HeaderName::from_static("last-event-id");

/// The field that [`cursor`] names where the cursor is in the query.
pub const SINCE: &str = "query.since";

/// The field that [`cursor`] names where the cursor is in the header.
pub const LAST_EVENT: &str = "header.last-event-id";

/// The parameters of a query.
pub struct Parameters(Vec<(String, String)>);

impl Parameters {
    pub fn of(request: &HttpRequest) -> Self {
        // Any query string splits into pairs.
        Self(Query::from_query(request.query_string()).map(Query::into_inner).unwrap_or_default())
    }

    /// Returns the last parameter of this name.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().rfind(|(other, _)| other == name).map(|(_, value)| value.as_str())
    }

    /// The number of the last notification that the client has.
    pub fn since(&self) -> Result<Option<i64>, Faults> {
        self.get("since").map(|since| seq(since, SINCE)).transpose()
    }

    /// The cursor of the change feed that the client has.
    pub fn cursor(&self) -> Result<Option<FeedCursor>, Faults> {
        self.get("since").map(|since| cursor(since, SINCE)).transpose()
    }

    /// Whether the client wants to be sent hints of changes.
    pub fn changes(&self) -> Result<bool, Faults> {
        let flag = self.get("changes").map(str::parse::<Flag>).transpose();
        flag.map(|flag| flag.is_some_and(|flag| flag.0)).map_err(|invalid| Faults::of(invalid.at("query.changes")))
    }
}

/// The number of the last notification that the client received; the header is empty if there is none.
pub fn last_event_seq(headers: &HeaderMap) -> Result<Option<i64>, Faults> {
    last_event_id(headers).map(|id| seq(&id, LAST_EVENT)).transpose()
}

/// The cursor of the last change that the client received; the header is empty if there is none.
pub fn last_event_cursor(headers: &HeaderMap) -> Result<Option<FeedCursor>, Faults> {
    last_event_id(headers).map(|id| cursor(&id, LAST_EVENT)).transpose()
}

fn last_event_id(headers: &HeaderMap) -> Option<Cow<'_, str>> {
    headers.get(LAST_EVENT_ID).filter(|id| !id.is_empty()).map(|id| String::from_utf8_lossy(id.as_bytes()))
}

fn seq(text: &str, field: &str) -> Result<i64, Faults> {
    text.parse::<Seq>().map(|seq| seq.0).map_err(|invalid| Faults::of(invalid.at(field)))
}

fn cursor(text: &str, field: &'static str) -> Result<FeedCursor, Faults> {
    text.parse().map_err(|_| Faults::of_cursor_in(field))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::error::{ApiError, ErrorCode};
    use actix_web::test::TestRequest;
    use fasttrack_domain::{
        change::{FeedPosition, FeedReader},
        id::UserId,
        policy::Actor,
        user::Role,
    };

    fn parameters(uri: &str) -> Parameters {
        Parameters::of(&TestRequest::with_uri(uri).to_http_request())
    }

    fn request(id: &str) -> HttpRequest {
        TestRequest::default().append_header(("last-event-id", id)).to_http_request()
    }

    #[test]
    fn since_is_a_whole_number_and_the_last_one_counts() {
        let since = |uri: &str| parameters(uri).since();
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
    fn changes_are_announced_only_where_that_is_said() {
        let changes = |uri: &str| parameters(uri).changes();
        assert!(matches!(changes("/ws"), Ok(false)));
        assert!(matches!(changes("/ws?changes=true&changes=false"), Ok(false)));
        assert!(matches!(changes("/ws?changes=true"), Ok(true)));
        for wrong in ["", "1", "TRUE"] {
            let error = ApiError::from(changes(&format!("/ws?changes={wrong}")).unwrap_err());
            assert_eq!(error.details[0].field, "query.changes", "{wrong:?}");
        }
    }

    #[test]
    fn a_last_event_id_is_a_number_or_empty() {
        let id = |id| last_event_seq(request(id).headers());
        assert!(matches!(id("12"), Ok(Some(12))));
        assert!(matches!(id(""), Ok(None)));
        let error = ApiError::from(id("latest").unwrap_err());
        assert_eq!(error.details[0].field, "header.last-event-id");
    }

    #[test]
    fn cursor_of_changes_names_the_place_where_it_is_wrong() {
        let reader = FeedReader::new(&Actor::new(UserId::new(7), Role::User));
        let issued = reader.cursor(FeedPosition::after(42));
        assert_eq!(parameters(&format!("/changes/stream?since={issued}")).cursor().unwrap(), Some(issued));
        assert_eq!(parameters("/changes/stream").cursor().unwrap(), None);
        assert_eq!(last_event_cursor(request(&issued.to_string()).headers()).unwrap(), Some(issued));
        assert_eq!(last_event_cursor(request("").headers()).unwrap(), None);
        let refused = |faults: Faults| {
            let ApiError { code, details, .. } = faults.into();
            (code, details[0].field.clone())
        };
        for wrong in ["42", "eyJpZCI6IDQyfQ"] {
            let in_query = parameters(&format!("/changes/stream?since={wrong}")).cursor().unwrap_err();
            assert_eq!(refused(in_query), (ErrorCode::InvalidCursor, "query.since".to_owned()), "{wrong}");
            let in_header = last_event_cursor(request(wrong).headers()).unwrap_err();
            assert_eq!(refused(in_header), (ErrorCode::InvalidCursor, "header.last-event-id".to_owned()), "{wrong}");
        }
    }
}
