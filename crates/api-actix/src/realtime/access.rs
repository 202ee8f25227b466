//! Authorizes WebSockets and event streams, in the order of every request: token, form, permission.

use super::{
    Realtime,
    credentials::Credentials,
    handshake, origin,
    parameters::{LAST_EVENT, Parameters, SINCE, last_event_cursor, last_event_seq},
};
use crate::{
    api::Api,
    http::{
        caller::Caller,
        error::{ApiError, ErrorCode},
    },
    input::fault::Faults,
};
use actix_web::{
    HttpRequest,
    http::header::{HeaderValue, SEC_WEBSOCKET_VERSION},
};
use fasttrack_domain::{change::FeedCursor, token::AccessClaims};

// @spec SPEC-005
/// An authorized connection for notifications.
pub struct Access {
    pub claims: AccessClaims,
    /// The last notification that the client has; absent: it gets only new ones.
    pub since: Option<i64>,
    /// Whether the client is sent hints of changes too.
    pub changes: bool,
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
        let credentials = Credentials::of(&query, request, header, api).await?;
        let (since, changes) = match (query.since(), query.changes(), handshake::check(request)) {
            (Ok(since), Ok(changes), Ok(())) => (since, changes),
            (since, changes, handshake) => {
                let faults = all([since.err(), changes.err(), handshake.err()]);
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
        Ok(Self { claims: credentials.claims(&query, request, api).await?, since, changes })
    }

    /// Authorizes `/events`. Which pages may read it is up to CORS.
    pub async fn to_events(
        request: &HttpRequest,
        header: Result<Caller, ApiError>,
        api: &Api,
    ) -> Result<Self, ApiError> {
        let query = Parameters::of(request);
        let credentials = Credentials::of(&query, request, header, api).await?;
        let (since, changes) = match (last_event_seq(request.headers()), query.since(), query.changes()) {
            (Ok(id), Ok(since), Ok(changes)) => (id.or(since), changes),
            (id, since, changes) => return Err(all([id.err(), since.err(), changes.err()]).into()),
        };
        Ok(Self { claims: credentials.claims(&query, request, api).await?, since, changes })
    }
}

// @spec SPEC-026
/// An authorized stream of changes.
pub struct ChangesAccess {
    pub claims: AccessClaims,
    /// The cursor that the client has; absent: it gets everything.
    pub since: Option<FeedCursor>,
    /// The field of the cursor.
    pub field: &'static str,
}

impl ChangesAccess {
    /// Authorizes `/changes/stream`. Which pages may read it is up to CORS.
    pub async fn to_stream(
        request: &HttpRequest,
        header: Result<Caller, ApiError>,
        api: &Api,
    ) -> Result<Self, ApiError> {
        let query = Parameters::of(request);
        let credentials = Credentials::of(&query, request, header, api).await?;
        let (since, field) = match (last_event_cursor(request.headers()), query.cursor()) {
            (Ok(Some(id)), Ok(_)) => (Some(id), LAST_EVENT),
            (Ok(None), Ok(since)) => (since, SINCE),
            (id, since) => return Err(all([id.err(), since.err()]).into()),
        };
        Ok(Self { claims: credentials.claims(&query, request, api).await?, since, field })
    }
}

/// All of these faults.
fn all<const N: usize>(faults: [Option<Faults>; N]) -> Faults {
    faults.into_iter().flatten().fold(Faults::default(), Faults::and)
}
