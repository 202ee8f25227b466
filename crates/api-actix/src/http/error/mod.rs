//! Errors as clients see them: one table from code to status. Causes are logged, not sent.

mod code;

pub use code::ErrorCode;

use crate::http::readiness::NotReady;
use actix_web::{
    HttpResponse, ResponseError,
    http::{
        StatusCode,
        header::{HeaderName, HeaderValue, RETRY_AFTER, WWW_AUTHENTICATE},
    },
};
use fasttrack_app::Error;
use fasttrack_domain::{
    api_token::Scopes,
    field::{FieldError, Invalid},
    page::InvalidCursor,
    precondition::PreconditionFailed,
    token::TokenError,
};
use std::{borrow::Cow, fmt, time::Duration};

/// An error response. Handlers return it; the middleware renders it in the representation that the client accepts.
#[derive(Debug)]
pub struct ApiError {
    pub code: ErrorCode,
    /// A sentence for the developer of the client.
    pub message: Cow<'static, str>,
    /// The fields with invalid values, or what else keeps the request from being done; empty for most errors.
    pub details: Vec<FieldError>,
    /// The header that the status or the code requires: `Allow`, `Retry-After` or `WWW-Authenticate`.
    pub header: Option<Box<(HeaderName, HeaderValue)>>,
    /// It is logged, and never sent to the client.
    pub cause: Option<Box<dyn std::error::Error + Send + Sync>>,
}

impl ApiError {
    /// Creates an error without details. A 401 has the challenge `Bearer`.
    pub fn new(code: ErrorCode, message: impl Into<Cow<'static, str>>) -> Self {
        // RFC 9110 section 15.5.2: every 401 carries a challenge.
        let challenge = (code.status() == StatusCode::UNAUTHORIZED)
            .then(|| Box::new((WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"))));
        Self { code, message: message.into(), details: Vec::new(), header: challenge, cause: None }
    }

    /// Answers 400 with the invalid fields.
    pub fn validation(details: Vec<FieldError>) -> Self {
        Self { details, ..Self::new(ErrorCode::ValidationFailed, "the request has invalid values") }
    }

    /// Answers 400: the server did not issue the cursor in this field to the caller.
    pub fn invalid_cursor(field: &str) -> Self {
        let message = match field {
            "query.cursor" => "must be a `next_cursor` of an earlier page",
            _ => "must be a `cursor` of an earlier answer to the same user",
        };
        let detail = Invalid::new("invalid", message).at(field);
        Self { details: vec![detail], ..Self::new(ErrorCode::InvalidCursor, InvalidCursor.to_string()) }
    }

    /// Answers 404: the route or the entity doesn't exist.
    pub fn not_found() -> Self {
        Self::new(ErrorCode::NotFound, "there is nothing at this address")
    }

    /// Answers 401: the request has no token.
    pub fn token_missing() -> Self {
        Self::new(ErrorCode::TokenMissing, "this needs an `Authorization: Bearer` header with an access token")
    }

    /// Answers 403: the scopes of an API token don't cover the operation (RFC 6750 section 3.1). `needed` are scopes that
    /// do; `None` if there are none.
    pub fn insufficient_scope(needed: Option<Scopes>) -> Self {
        const CHALLENGE: &str = "Bearer error=\"insufficient_scope\"";
        let (challenge, message): (_, Cow<'static, str>) = match needed {
            Some(scopes) => (
                format!("{CHALLENGE}, scope=\"{scopes}\""),
                format!("the API token lacks a scope: this needs `{scopes}`").into(),
            ),
            None => (CHALLENGE.to_owned(), "this is closed to API tokens: send the access token of a login".into()),
        };
        // Names of scopes are always a valid header value.
        let challenge = HeaderValue::try_from(challenge).ok().map(|value| Box::new((WWW_AUTHENTICATE, value)));
        Self { header: challenge, ..Self::new(ErrorCode::InsufficientScope, message) }
    }

    /// Answers 500: the server has a defect. Its `cause` is logged.
    pub fn internal(cause: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self { cause: Some(cause.into()), ..Self::new(ErrorCode::Internal, "something went wrong on our side") }
    }

    /// Answers 429: the user has the maximum number of connections open. The time until one closes is unknown.
    pub fn too_many_connections() -> Self {
        let retry_after = Box::new((RETRY_AFTER, HeaderValue::from_static("5")));
        Self {
            header: Some(retry_after),
            ..Self::new(ErrorCode::RateLimited, "you hold too many open connections; close one and try again")
        }
    }

    fn unavailable(retry_after: Duration, cause: Option<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        let seconds = retry_after.as_secs().max(1);
        Self {
            header: Some(Box::new((RETRY_AFTER, HeaderValue::from(seconds)))),
            cause,
            ..Self::new(ErrorCode::Unavailable, "the service can't do this right now, try again soon")
        }
    }

    /// Answers 503: the readiness check failed.
    pub fn not_ready(error: NotReady) -> Self {
        // The failed write was logged.
        let is_logged = matches!(error, NotReady::OutOfSpace);
        Self::unavailable(Duration::from_secs(1), (!is_logged).then(|| error.into()))
    }

    /// Answers 429 with `Retry-After`.
    pub fn rate_limited(retry_after_seconds: u64, message: &'static str) -> Self {
        let retry_after = Box::new((RETRY_AFTER, HeaderValue::from(retry_after_seconds)));
        Self { header: Some(retry_after), ..Self::new(ErrorCode::RateLimited, message) }
    }

    /// Answers 503: the server shuts down.
    pub fn shutting_down() -> Self {
        Self::unavailable(Duration::from_secs(1), None)
    }

    /// Answers 503: the load shedder refused the request.
    pub fn overloaded() -> Self {
        Self::unavailable(Duration::from_secs(1), None)
    }

    /// Answers 401: the token was refused (RFC 6750 section 3.1).
    fn invalid_token(code: ErrorCode, error: TokenError) -> Self {
        let challenge = HeaderValue::from_static("Bearer error=\"invalid_token\"");
        Self { header: Some(Box::new((WWW_AUTHENTICATE, challenge))), ..Self::new(code, error.to_string()) }
    }
}

impl fmt::Display for ApiError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.code.as_str(), self.message)
    }
}

impl ResponseError for ApiError {
    fn status_code(&self) -> StatusCode {
        self.code.status()
    }

    fn error_response(&self) -> HttpResponse {
        HttpResponse::new(self.code.status())
    }
}

impl From<TokenError> for ApiError {
    fn from(error: TokenError) -> Self {
        match error {
            TokenError::Invalid => Self::invalid_token(ErrorCode::TokenInvalid, error),
            TokenError::Expired => Self::invalid_token(ErrorCode::TokenExpired, error),
            TokenError::Revoked => Self::invalid_token(ErrorCode::TokenRevoked, error),
            TokenError::Unavailable => Self::unavailable(Duration::from_secs(1), Some(Box::new(error))),
        }
    }
}

impl From<PreconditionFailed> for ApiError {
    fn from(error: PreconditionFailed) -> Self {
        Self::new(ErrorCode::PreconditionFailed, error.to_string())
    }
}

impl From<InvalidCursor> for ApiError {
    fn from(_: InvalidCursor) -> Self {
        Self::invalid_cursor("query.cursor")
    }
}

impl From<Error> for ApiError {
    fn from(error: Error) -> Self {
        let code = match error {
            Error::Validation(details) => return Self::validation(details),
            Error::Token(error) => return error.into(),
            Error::Unavailable { retry_after, source } => return Self::unavailable(retry_after, Some(source)),
            Error::Internal(source) => return Self::internal(source),
            Error::InvalidCursor(_) => return Self::invalid_cursor("query.since"),
            Error::SharedProjects(projects) => {
                let details = projects.details();
                return Self { details, ..Self::new(ErrorCode::Conflict, projects.to_string()) };
            }
            Error::InvalidTransitions(transitions) => {
                let message = transitions.to_string();
                return Self { details: transitions.0, ..Self::new(ErrorCode::InvalidStatusTransition, message) };
            }
            Error::InvalidCredentials => ErrorCode::InvalidCredentials,
            Error::AccountDisabled => ErrorCode::AccountDisabled,
            Error::EmailUnverified => ErrorCode::EmailUnverified,
            Error::InvalidRefreshToken => ErrorCode::InvalidRefreshToken,
            Error::RefreshTokenReused => ErrorCode::RefreshTokenReused,
            Error::InvalidResetToken => ErrorCode::InvalidResetToken,
            Error::InvalidVerificationToken => ErrorCode::InvalidVerificationToken,
            Error::InvalidInvitationToken => ErrorCode::InvalidInvitationToken,
            Error::Forbidden(_) | Error::RegistrationClosed | Error::PasswordNotAllowed => ErrorCode::Forbidden,
            Error::NotFound(_) => ErrorCode::NotFound,
            Error::EmailTaken => ErrorCode::EmailTaken,
            Error::InvalidTransition(_) => ErrorCode::InvalidStatusTransition,
            Error::Archived(_)
            | Error::Sharing(_)
            | Error::LastActiveAdmin
            | Error::LabelNameTaken
            | Error::InactiveWebhook(_)
            | Error::NoRoom(_) => ErrorCode::Conflict,
            Error::QuotaExceeded(_) => ErrorCode::QuotaExceeded,
            Error::CursorExpired(_) => ErrorCode::CursorExpired,
            Error::PreconditionFailed(_) => ErrorCode::PreconditionFailed,
            Error::IdempotencyKeyReused => ErrorCode::IdempotencyKeyReused,
        };
        Self::new(code, error.to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use fasttrack_domain::api_token::Scope;
    use std::collections::HashSet;

    #[test]
    fn every_code_has_a_word_of_its_own_and_an_error_status() {
        let words: HashSet<_> = ErrorCode::ALL.iter().map(|code| code.as_str()).collect();
        assert_eq!(words.len(), ErrorCode::ALL.len());
        for code in ErrorCode::ALL {
            assert!(code.status().is_client_error() || code.status().is_server_error(), "{code:?}");
        }
    }

    #[test]
    fn the_manual_lists_exactly_the_codes_that_there_are() {
        let manual = include_str!("../../../../../docs/api.md");
        let listed: Vec<_> = manual
            .lines()
            .filter_map(|line| {
                let mut cells = line.strip_prefix("| ")?.split(" | ");
                let status: u16 = cells.next()?.parse().ok()?;
                let code = cells.next()?.strip_prefix('`')?.strip_suffix('`')?;
                Some((status, code, cells.count()))
            })
            .collect();
        // When, and what to do.
        let expected: Vec<_> = ErrorCode::ALL.iter().map(|code| (code.status().as_u16(), code.as_str(), 2)).collect();
        for row in &listed {
            assert!(expected.contains(row), "docs/api.md lists {row:?}");
        }
        for row in &expected {
            assert!(listed.contains(row), "docs/api.md lacks {row:?}");
        }
        assert_eq!(listed.len(), expected.len(), "a code is listed twice");
    }

    #[test]
    fn nothing_of_a_cause_reaches_the_message() {
        let error = ApiError::from(Error::Internal("no such table: secrets".into()));
        assert!(!error.message.contains("secrets") && !error.to_string().contains("secrets"));
    }

    #[test]
    fn a_challenge_names_the_scope_that_would_do() {
        let header = |needed| ApiError::insufficient_scope(needed).header.unwrap().1;
        let scopes = Scopes::from_iter([Scope::TasksRead]);
        assert_eq!(header(Some(scopes)), "Bearer error=\"insufficient_scope\", scope=\"tasks:read\"");
        assert_eq!(header(None), "Bearer error=\"insufficient_scope\"");
    }

    #[test]
    fn what_is_unavailable_names_whole_seconds_of_at_least_one() {
        let header = |millis| ApiError::unavailable(Duration::from_millis(millis), None).header.unwrap().1;
        assert_eq!((header(0), header(2_900)), (HeaderValue::from_static("1"), HeaderValue::from_static("2")));
    }
}
