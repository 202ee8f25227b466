//! Tokens: what they say, and why one is refused.

use crate::{
    Timestamp,
    id::{SessionId, UserId},
    identity::ExternalSubject,
    key::InstanceKey,
    user::Role,
};
use chrono::TimeDelta;
use std::fmt;

/// Longest lifetime of an access token that may be configured. Entries of the blocklist for sessions and users last as
/// long, whatever is configured now: tokens that were made under another setting end with them too.
pub const MAX_ACCESS_LIFETIME: TimeDelta = TimeDelta::days(1);

/// How far ahead a node's clock may be without forgetting that a token of another issuer was revoked: nothing else is
/// stored that says so.
const CLOCK_TOLERANCE: TimeDelta = TimeDelta::days(1);

/// The `jti` of a token.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(transparent))]
pub struct TokenId(String);

impl TokenId {
    /// Takes an id that is unique among all tokens.
    pub fn new(id: String) -> Self {
        Self(id)
    }

    /// The id as it stands in the token.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// What an access token is to say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccessGrant {
    /// `sub`.
    pub user_id: UserId,
    /// Of that user.
    pub user_key: InstanceKey,
    /// `role` and `roles`.
    pub role: Role,
    /// `sid`.
    pub session_id: SessionId,
    /// Of that session.
    pub session_key: InstanceKey,
    /// See [`User::token_epoch`](crate::user::User::token_epoch).
    pub epoch: i64,
}

/// Who an access token says its bearer is.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct AccessClaims {
    /// `sub`.
    pub user_id: UserId,
    /// `role`.
    pub role: Role,
    /// Whose token it is.
    #[cfg_attr(feature = "serde", serde(flatten))]
    pub source: TokenSource,
    /// `jti`, or what stands for it.
    pub token_id: TokenId,
    /// See [`User::token_epoch`](crate::user::User::token_epoch).
    pub epoch: i64,
    /// `iat`.
    #[cfg_attr(feature = "serde", serde(default))]
    pub issued_at: Timestamp,
    /// `exp`.
    pub expires_at: Timestamp,
    /// Of the user; absent in tokens of releases that made none.
    #[cfg_attr(feature = "serde", serde(default))]
    pub user_key: Option<InstanceKey>,
    /// Of the session, likewise; absent in tokens of another issuer.
    #[cfg_attr(feature = "serde", serde(default))]
    pub session_key: Option<InstanceKey>,
}

impl AccessClaims {
    /// The session it is of; `None` where that is another issuer's business.
    pub fn session_id(&self) -> Option<SessionId> {
        match self.source {
            TokenSource::Session(id) => Some(id),
            TokenSource::External(_) => None,
        }
    }
}

/// Who made an access token.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub enum TokenSource {
    /// We did, in this session (`sid`).
    #[cfg_attr(feature = "serde", serde(rename = "session_id"))]
    Session(SessionId),
    /// Another issuer, which calls the user this (`sub`).
    #[cfg_attr(feature = "serde", serde(rename = "external_subject"))]
    External(ExternalSubject),
}

/// What a refresh token says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RefreshClaims {
    /// `sub`.
    pub user_id: UserId,
    /// `sid`.
    pub session_id: SessionId,
    /// Of that session; absent in tokens of releases that made none.
    pub session_key: Option<InstanceKey>,
    /// `jti`.
    pub token_id: TokenId,
    /// `exp`.
    pub expires_at: Timestamp,
}

/// A token in its compact form. Can't be printed by accident.
#[derive(Clone, PartialEq, Eq)]
pub struct SecretToken(String);

impl SecretToken {
    /// Takes the compact form.
    pub fn new(token: String) -> Self {
        Self(token)
    }

    /// The compact form, for the one client it is meant for.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for SecretToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SecretToken(…)")
    }
}

/// Why a token was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TokenError {
    /// Bad signature, wrong issuer, audience or type, unknown key, forbidden algorithm, garbage.
    #[error("the token is invalid")]
    Invalid,
    /// Genuine, but past its `exp`.
    #[error("the token has expired")]
    Expired,
    /// Genuine, but on the blocklist, or its session is over, or its user isn't there or active.
    #[error("the token was revoked")]
    Revoked,
    /// Whether it is genuine, or was revoked, can't be told right now, so it isn't taken.
    #[error("whether the token is good can't be told right now")]
    Unavailable,
}

/// Something that makes access tokens worthless before they expire.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Revocation {
    /// Which tokens.
    pub subject: Revoked,
    /// When the last of them has expired by itself, so that the entry can go.
    pub until: Timestamp,
}

impl Revocation {
    /// Of one token of another issuer. Our own end with their session.
    pub fn of_token(id: TokenId, expires_at: Timestamp) -> Self {
        let until = expires_at.checked_add_signed(CLOCK_TOLERANCE).unwrap_or(expires_at);
        Self { subject: Revoked::Token(id), until }
    }

    /// Of all tokens of a session that ended at `at`.
    pub fn of_session(id: SessionId, at: Timestamp) -> Self {
        Self { subject: Revoked::Session(id), until: at + MAX_ACCESS_LIFETIME }
    }

    /// Of all tokens of a user from before `epoch`, which began at `at`.
    pub fn of_user(id: UserId, epoch: i64, at: Timestamp) -> Self {
        Self { subject: Revoked::User { id, epoch }, until: at + MAX_ACCESS_LIFETIME }
    }
}

/// Which access tokens are worthless.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Revoked {
    /// This one.
    Token(TokenId),
    /// All of this session.
    Session(SessionId),
    /// All of this user that are older than `epoch`.
    User {
        /// Whose.
        id: UserId,
        /// The first epoch that is good.
        epoch: i64,
    },
}
