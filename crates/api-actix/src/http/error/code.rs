//! The table of error codes and their statuses.

use actix_web::http::StatusCode;

macro_rules! codes {
    ($($variant:ident = $word:literal => $status:ident,)+) => {
        /// The error codes that `docs/api.md` lists.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum ErrorCode {
            $(#[doc = concat!("`", $word, "`")] $variant),+
        }

        impl ErrorCode {
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The text of the code in responses.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word),+ }
            }

            /// The HTTP status of responses with this code.
            pub const fn status(self) -> StatusCode {
                match self { $(Self::$variant => StatusCode::$status),+ }
            }
        }
    };
}

// @spec SPEC-009
// @norm NORM-API-001
codes! {
    ValidationFailed = "validation_failed" => BAD_REQUEST,
    MalformedJson = "malformed_json" => BAD_REQUEST,
    InvalidCursor = "invalid_cursor" => BAD_REQUEST,
    InvalidResetToken = "invalid_reset_token" => BAD_REQUEST,
    InvalidVerificationToken = "invalid_verification_token" => BAD_REQUEST,
    InvalidInvitationToken = "invalid_invitation_token" => BAD_REQUEST,
    TokenMissing = "token_missing" => UNAUTHORIZED,
    TokenInvalid = "token_invalid" => UNAUTHORIZED,
    TokenExpired = "token_expired" => UNAUTHORIZED,
    TokenRevoked = "token_revoked" => UNAUTHORIZED,
    InvalidCredentials = "invalid_credentials" => UNAUTHORIZED,
    InvalidRefreshToken = "invalid_refresh_token" => UNAUTHORIZED,
    RefreshTokenReused = "refresh_token_reused" => UNAUTHORIZED,
    Forbidden = "forbidden" => FORBIDDEN,
    AccountDisabled = "account_disabled" => FORBIDDEN,
    EmailUnverified = "email_unverified" => FORBIDDEN,
    InsufficientScope = "insufficient_scope" => FORBIDDEN,
    NotFound = "not_found" => NOT_FOUND,
    MethodNotAllowed = "method_not_allowed" => METHOD_NOT_ALLOWED,
    EmailTaken = "email_taken" => CONFLICT,
    InvalidStatusTransition = "invalid_status_transition" => CONFLICT,
    Conflict = "conflict" => CONFLICT,
    QuotaExceeded = "quota_exceeded" => CONFLICT,
    RequestTimeout = "request_timeout" => REQUEST_TIMEOUT,
    CursorExpired = "cursor_expired" => GONE,
    PreconditionFailed = "precondition_failed" => PRECONDITION_FAILED,
    PayloadTooLarge = "payload_too_large" => PAYLOAD_TOO_LARGE,
    UnsupportedMediaType = "unsupported_media_type" => UNSUPPORTED_MEDIA_TYPE,
    IdempotencyKeyReused = "idempotency_key_reused" => UNPROCESSABLE_ENTITY,
    RateLimited = "rate_limited" => TOO_MANY_REQUESTS,
    Internal = "internal" => INTERNAL_SERVER_ERROR,
    Unavailable = "unavailable" => SERVICE_UNAVAILABLE,
}
