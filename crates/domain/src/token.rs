//! Tokens: their claims, and the reasons to refuse one.

use crate::{
    Timestamp,
    api_token::{reach::Reach, scope::Scopes},
    id::{ApiTokenId, SessionId, UserId},
    identity::{ExternalIdentity, ExternalSubject},
    key::InstanceKey,
    user::Role,
};
use chrono::TimeDelta;
use std::fmt;

/// Longest lifetime of an access token that can be configured. Blocklist entries of sessions and users last this long,
/// whatever is configured now, so that they outlast tokens that were issued under another setting.
pub const MAX_ACCESS_LIFETIME: TimeDelta = TimeDelta::days(1);

/// The `jti` claim of a token.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(transparent))]
pub struct TokenId(String);

impl TokenId {
    /// Takes an id, which must be unique among all tokens.
    pub fn new(id: String) -> Self {
        Self(id)
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The claims of an access token that is not yet signed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccessGrant {
    /// Signed as the `sub` claim.
    pub user_id: UserId,
    pub user_key: InstanceKey,
    /// Signed as the `role` and `roles` claims.
    pub role: Role,
    /// Signed as the `sid` claim.
    pub session_id: SessionId,
    pub session_key: InstanceKey,
    /// See [`User::token_epoch`](crate::user::User::token_epoch).
    pub epoch: i64,
}

/// The verified claims of an access token.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct AccessClaims {
    /// Read from the `sub` claim; for another issuer's token, the account that its subject is linked to.
    pub user_id: UserId,
    /// Read from the `role` claim; for another issuer's token and for an API token, from the account.
    pub role: Role,
    #[cfg_attr(feature = "serde", serde(flatten))]
    pub source: TokenSource,
    /// The `jti` claim, or a hash in its place for another issuer's token and for an API token.
    pub token_id: TokenId,
    /// See [`User::token_epoch`](crate::user::User::token_epoch).
    pub epoch: i64,
    /// Read from the `iat` claim; for another issuer's token, the time of its verification; for an API token, the time
    /// of its creation.
    #[cfg_attr(feature = "serde", serde(default))]
    pub issued_at: Timestamp,
    /// Read from the `exp` claim; the latest possible time for an API token that doesn't expire.
    pub expires_at: Timestamp,
    /// The user's key; absent in tokens of old releases.
    #[cfg_attr(feature = "serde", serde(default))]
    pub user_key: Option<InstanceKey>,
    /// The session's key; absent in tokens of old releases and of another issuer, and in API tokens.
    #[cfg_attr(feature = "serde", serde(default))]
    pub session_key: Option<InstanceKey>,
}

impl AccessClaims {
    /// The session; `None` for another issuer's token and for an API token.
    pub fn session_id(&self) -> Option<SessionId> {
        match self.source {
            TokenSource::Session(id) => Some(id),
            TokenSource::External(_) | TokenSource::Api(_) => None,
        }
    }

    /// What an API token allows; `None` for a token that allows whatever its user may.
    pub fn api_grant(&self) -> Option<&ApiGrant> {
        match &self.source {
            TokenSource::Api(grant) => Some(grant),
            TokenSource::Session(_) | TokenSource::External(_) => None,
        }
    }
}

/// The issuer of an access token, or the API token that is used like one.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub enum TokenSource {
    /// This service issued it, in this session (`sid`).
    #[cfg_attr(feature = "serde", serde(rename = "session_id"))]
    Session(SessionId),
    /// Another issuer issued it for this subject (`sub`).
    #[cfg_attr(feature = "serde", serde(rename = "external_subject"))]
    External(ExternalSubject),
    /// A user made this token for a program.
    #[cfg_attr(feature = "serde", serde(rename = "api_token"))]
    Api(ApiGrant),
}

/// What an API token allows, within the rights of its user.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct ApiGrant {
    pub id: ApiTokenId,
    pub scopes: Scopes,
    pub reach: Reach,
}

/// The verified claims of a refresh token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RefreshClaims {
    /// Read from the `sub` claim.
    pub user_id: UserId,
    /// Read from the `sid` claim.
    pub session_id: SessionId,
    /// The session's key; absent in tokens of old releases.
    pub session_key: Option<InstanceKey>,
    /// Read from the `jti` claim.
    pub token_id: TokenId,
    /// Read from the `exp` claim.
    pub expires_at: Timestamp,
}

/// The verified claims of another issuer's token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExternalClaims {
    pub identity: ExternalIdentity,
    /// A hash of the signed content, as issuers needn't send a `jti`, nor a unique one.
    pub token_id: TokenId,
    /// The `iat` claim, which issuers needn't send.
    pub issued_at: Option<Timestamp>,
    /// The `exp` claim.
    pub expires_at: Timestamp,
}

/// A token in compact form. `Debug` doesn't print it.
#[derive(Clone, PartialEq, Eq)]
pub struct SecretToken(String);

impl SecretToken {
    pub fn new(token: String) -> Self {
        Self(token)
    }

    /// The token itself, for its client only.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for SecretToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SecretToken(…)")
    }
}

/// Why a token is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TokenError {
    /// The signature, issuer, audience, type, key or algorithm is wrong, or the text is no token.
    #[error("the token is invalid")]
    Invalid,
    /// The token is genuine, but past its `exp`, or past the end that an API token was given.
    #[error("the token has expired")]
    Expired,
    /// The token is genuine, but on the blocklist, or its session has ended, or its user doesn't exist or isn't active.
    #[error("the token was revoked")]
    Revoked,
    /// The check is impossible at the moment, as the keys or the storage can't be read. The token is not accepted.
    #[error("whether the token is good can't be told right now")]
    Unavailable,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api_token::scope::Scope;

    fn claims(source: TokenSource) -> AccessClaims {
        AccessClaims {
            user_id: UserId::new(7),
            role: Role::User,
            source,
            token_id: TokenId::new("t".to_owned()),
            epoch: 0,
            issued_at: Timestamp::UNIX_EPOCH,
            expires_at: Timestamp::UNIX_EPOCH,
            user_key: None,
            session_key: None,
        }
    }

    #[test]
    fn only_a_session_has_an_id_and_only_an_api_token_a_grant() {
        let (id, scopes) = (SessionId::new(8), Scopes::from_iter([Scope::TasksRead]));
        let grant = ApiGrant { id: ApiTokenId::new(5), scopes, reach: Reach::All };
        let external = TokenSource::External(ExternalSubject::parse("zoe".to_owned()).unwrap());
        for (source, session, granted) in [
            (TokenSource::Session(id), Some(id), None),
            (TokenSource::Api(grant.clone()), None, Some(&grant)),
            (external, None, None),
        ] {
            let claims = claims(source);
            assert_eq!((claims.session_id(), claims.api_grant()), (session, granted), "{claims:?}");
        }
    }

    #[test]
    fn a_token_is_exposed_and_not_printed() {
        let token = SecretToken::new("sesame".to_owned());
        assert_eq!((token.expose(), format!("{token:?}").as_str()), ("sesame", "SecretToken(…)"));
        assert_eq!(TokenId::new("t".to_owned()).as_str(), "t");
    }
}
