//! Why an open connection is ended, as clients are told.

use fasttrack_domain::token::TokenError;
use serde::Serialize;

// @spec SPEC-005
/// Why we end a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Farewell {
    /// Its token has expired.
    Expired,
    /// Its token was revoked.
    Revoked,
    /// This server stops.
    Restart,
    /// The client doesn't read what it is sent.
    TooSlow,
    /// The client sent more than it may.
    TooLarge,
    /// The user holds as many connections as one may.
    TooMany,
    /// Nothing was heard of the client for too long.
    Silent,
    /// The client doesn't keep to the protocol.
    Protocol,
    /// The client sent a text that isn't UTF-8.
    NotUtf8,
    /// A defect on our side.
    Internal,
}

impl Farewell {
    /// Every reason.
    pub const ALL: [Self; 10] = [
        Self::Expired,
        Self::Revoked,
        Self::Restart,
        Self::TooSlow,
        Self::TooLarge,
        Self::TooMany,
        Self::Silent,
        Self::Protocol,
        Self::NotUtf8,
        Self::Internal,
    ];

    /// For operators.
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
            Self::Internal => 1011,
        }
    }

    /// For people.
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
            Self::Internal => "something went wrong on our side",
        }
    }
}

impl From<TokenError> for Farewell {
    fn from(error: TokenError) -> Self {
        match error {
            TokenError::Expired => Self::Expired,
            TokenError::Revoked | TokenError::Invalid | TokenError::Unavailable => Self::Revoked,
        }
    }
}

/// The data of an event `close`, which stands in for a close frame.
#[derive(Serialize)]
pub struct CloseEvent {
    code: u16,
    reason: &'static str,
}

impl From<Farewell> for CloseEvent {
    fn from(farewell: Farewell) -> Self {
        Self { code: farewell.code(), reason: farewell.reason() }
    }
}
