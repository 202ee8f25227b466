//! API tokens: long-lived tokens that a user makes for its programs, each with scopes and, if wanted, some projects
//! only.

mod projects;
pub mod reach;
pub mod scope;

pub use projects::{MAX_TOKEN_PROJECTS, TokenProjects};
pub use reach::Reach;
pub use scope::{Scope, Scopes};

use crate::{
    Timestamp,
    audit::{AuditChanges, AuditEntry, AuditValue},
    id::{ApiTokenId, ProjectId, UserId},
    key::InstanceKey,
    revocation::{Revocation, RevokingAct},
    text::TokenName,
    ticket::SecretHash,
    token::{AccessClaims, ApiGrant, TokenId, TokenSource},
    user::Role,
};
use chrono::{SecondsFormat, TimeDelta};

/// The most tokens of a user that are neither revoked nor expired.
pub const MAX_API_TOKENS: u32 = 50;

/// How long a token is kept once it is revoked or has expired, so that it is refused for that reason. Afterwards it is
/// unknown.
pub const ENDED_TOKEN_RETENTION: TimeDelta = TimeDelta::days(90);

/// A stored token, without its secret.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct ApiToken {
    pub id: ApiTokenId,
    pub user_id: UserId,
    pub name: TokenName,
    /// The first characters of the token, by which its owner recognizes it.
    pub prefix: String,
    pub scopes: Scopes,
    pub reach: Reach,
    pub created_at: Timestamp,
    /// Absent for a token that doesn't expire.
    pub expires_at: Option<Timestamp>,
    /// The latest use that was recorded; it may be a minute old.
    pub last_used_at: Option<Timestamp>,
}

impl ApiToken {
    /// Length of [`prefix`](Self::prefix) in characters: `ft_` and 48 of the 256 random bits.
    pub const PREFIX_LENGTH: usize = 11;

    /// The claims of a request with this token: `hash` is the token's, the rest its user's as they are stored now.
    pub fn claims(&self, hash: &SecretHash, role: Role, epoch: i64, user_key: InstanceKey) -> AccessClaims {
        let (scopes, reach) = (self.scopes, self.reach.clone());
        AccessClaims {
            user_id: self.user_id,
            role,
            source: TokenSource::Api(ApiGrant { id: self.id, scopes, reach }),
            token_id: TokenId::of_api_token(hash),
            epoch,
            issued_at: self.created_at,
            expires_at: self.expires_at.unwrap_or(Timestamp::MAX_UTC),
            user_key: Some(user_key),
            session_key: None,
        }
    }
}

impl TokenId {
    /// Identifies an API token. It is unique among installations, and reveals too little to guess the token.
    pub fn of_api_token(hash: &SecretHash) -> Self {
        let mut half = [0; 16];
        half.copy_from_slice(&hash.as_bytes()[..16]);
        Self::new(format!("api-{:032x}", u128::from_be_bytes(half)))
    }
}

/// The blocklist entry of a token that was revoked at `at`.
pub fn revocation(hash: &SecretHash, at: Timestamp) -> Revocation {
    RevokingAct::ApiTokenRevoked { token_id: TokenId::of_api_token(hash) }.revocation(at)
}

/// A token that is not yet stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewApiToken {
    pub user_id: UserId,
    /// The epoch of the user that the request was authenticated with. A reset, a takeover or a new role begins another.
    pub epoch: i64,
    pub name: TokenName,
    pub prefix: String,
    pub hash: SecretHash,
    pub scopes: Scopes,
    pub reach: Reach,
    pub created_at: Timestamp,
    pub expires_at: Option<Timestamp>,
    /// Maximum number of the user's tokens that are live at [`created_at`](Self::created_at), this one included.
    pub quota: u32,
    /// The audit entry that is committed with the token.
    pub audit: Option<AuditEntry>,
}

impl NewApiToken {
    /// The token that storage creates, for the id that it assigned.
    pub fn stored(&self, id: ApiTokenId) -> ApiToken {
        ApiToken {
            id,
            user_id: self.user_id,
            name: self.name.clone(),
            prefix: self.prefix.clone(),
            scopes: self.scopes,
            reach: self.reach.clone(),
            created_at: self.created_at,
            expires_at: self.expires_at,
            last_used_at: None,
        }
    }
}

impl AuditChanges {
    pub fn of_new_api_token(token: &NewApiToken) -> Self {
        let ids = |ids: &[ProjectId]| ids.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
        let instant = |at: Timestamp| at.to_rfc3339_opts(SecondsFormat::AutoSi, true);
        Self::default()
            .set("user_id", token.user_id.get())
            .set("name", token.name.as_str())
            .set("scopes", token.scopes.to_string().as_str())
            .set("project_ids", token.reach.ids().map(|it| AuditValue::from(ids(it).as_str())))
            .set("expires_at", token.expires_at.map(|at| AuditValue::from(instant(at).as_str())))
    }
}

#[cfg(test)]
mod tests;
