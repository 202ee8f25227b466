//! The reasons for which the server closes a WebSocket or an event stream.

use fasttrack_domain::token::TokenError;
use serde::Serialize;

// @spec SPEC-005
/// Why the server closes a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CloseReason {
    /// The token has expired.
    Expired,
    /// The token was revoked.
    Revoked,
    /// The server shuts down.
    Restart,
    /// The client doesn't read what is sent.
    TooSlow,
    /// A message of the client is too long.
    TooLarge,
    /// The user has the maximum number of connections open.
    TooMany,
    /// No pong arrived in time.
    Silent,
    /// A frame of the client violates RFC 6455.
    Protocol,
    /// A text of the client is not UTF-8.
    NotUtf8,
    /// The cursor of a stream of changes has expired.
    CursorExpired,
    /// An internal error.
    Internal,
}

impl CloseReason {
    pub const ALL: [Self; 11] = [
        Self::Expired,
        Self::Revoked,
        Self::Restart,
        Self::TooSlow,
        Self::TooLarge,
        Self::TooMany,
        Self::Silent,
        Self::Protocol,
        Self::NotUtf8,
        Self::CursorExpired,
        Self::Internal,
    ];

    /// The label of the metric.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Expired => "expired",
            Self::Revoked => "revoked",
            Self::Restart => "restart",
            Self::TooSlow => "too_slow",
            Self::TooLarge => "too_large",
            Self::TooMany => "too_many",
            Self::Silent => "silent",
            Self::Protocol => "protocol",
            Self::NotUtf8 => "not_utf8",
            Self::CursorExpired => "cursor_expired",
            Self::Internal => "internal",
        }
    }

    /// The close code: of RFC 6455 section 7.4.1 or the registry of its section 11.7, or one of ours from 4000 on.
    pub const fn code(self) -> u16 {
        match self {
            Self::Expired | Self::Revoked => 4401,
            Self::Restart => 1012,
            Self::TooSlow => 1013,
            Self::TooLarge => 1009,
            Self::TooMany => 1008,
            Self::Silent => 1001,
            Self::Protocol => 1002,
            Self::NotUtf8 => 1007,
            Self::CursorExpired => 4410,
            Self::Internal => 1011,
        }
    }

    /// The reason phrase of the close frame.
    pub const fn reason(self) -> &'static str {
        match self {
            Self::Expired => "the token has expired",
            Self::Revoked => "the token was revoked",
            Self::Restart => "the server restarts: connect again",
            Self::TooSlow => "too slow to keep up: connect again with `since`",
            Self::TooLarge => "messages may have 4 KiB at most",
            Self::TooMany => "too many connections of this user",
            Self::Silent => "no pong came",
            Self::Protocol => "this is no frame of a WebSocket",
            Self::NotUtf8 => "a text must be UTF-8",
            Self::CursorExpired => "the cursor has expired: connect again without one",
            Self::Internal => "something went wrong on our side",
        }
    }
}

impl From<TokenError> for CloseReason {
    fn from(error: TokenError) -> Self {
        match error {
            TokenError::Expired => Self::Expired,
            TokenError::Revoked | TokenError::Invalid | TokenError::Unavailable => Self::Revoked,
        }
    }
}

/// The data of the event `close`: what a close frame says of a WebSocket.
#[derive(Serialize)]
pub struct CloseEvent {
    code: u16,
    reason: &'static str,
}

impl From<CloseReason> for CloseEvent {
    fn from(reason: CloseReason) -> Self {
        Self { code: reason.code(), reason: reason.reason() }
    }
}
