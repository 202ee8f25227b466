//! Login sessions: each is opened by a login, extended by refresh tokens, and ends by logout, revocation or expiry.

use crate::{
    Timestamp,
    id::{SessionId, UserId},
    key::InstanceKey,
    password::PasswordHash,
    revocation::Revocation,
    token::TokenId,
    user::User,
};
use chrono::SubsecRound;
use std::time::Duration;

/// Maximum number of live sessions per user: one more ends the oldest.
pub const MAX_SESSIONS: u32 = 50;

/// A user's login on one client.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct Session {
    /// Tokens of the session carry it as the `sid` claim.
    pub id: SessionId,
    pub user_id: UserId,
    /// The time of the login.
    pub created_at: Timestamp,
    /// The time of the last token refresh.
    pub last_used_at: Timestamp,
    /// The expiry of its last refresh token.
    pub expires_at: Timestamp,
    /// The address of the last login or refresh.
    pub ip: Option<String>,
    /// The `User-Agent` of the last login or refresh, cut to 512 characters.
    pub user_agent: Option<String>,
    /// Distinguishes it from another session that had the same id before a backup was restored.
    #[cfg_attr(feature = "serde", serde(skip))]
    pub key: InstanceKey,
}

/// The client of a login or refresh, for the list of sessions.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Client {
    pub ip: Option<String>,
    pub user_agent: Option<String>,
}

impl Client {
    /// Takes the first 512 characters of the `User-Agent` and removes U+0000, which storage can't hold.
    pub fn new(ip: Option<String>, user_agent: Option<&str>) -> Self {
        let user_agent = user_agent.map(|name| name.chars().filter(|c| *c != '\0').take(512).collect());
        Self { ip, user_agent }
    }
}

/// A refresh token that is not yet signed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RefreshGrant {
    /// Signed as the `jti` claim.
    pub token_id: TokenId,
    /// Signed as the `exp` claim, in whole seconds.
    pub expires_at: Timestamp,
}

/// A session to open.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewSession {
    pub user_id: UserId,
    /// The hash that the password was verified against: no session is opened if another one is stored by now. Absent
    /// for a login without password.
    pub proven_by: Option<PasswordHash>,
    /// The same password, hashed with the present cost and form. It replaces `proven_by` and ends no session.
    pub renewed: Option<PasswordHash>,
    pub refresh: RefreshGrant,
    pub client: Client,
    pub created_at: Timestamp,
}

/// A refresh token rotation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exchange {
    /// The `jti` claim of the token that is exchanged.
    pub spent: TokenId,
    /// The session in the token's claims.
    pub session_id: SessionId,
    /// The session's key in the token's claims; absent in tokens of old releases.
    pub session_key: Option<InstanceKey>,
    /// The token that replaces the spent one.
    pub next: RefreshGrant,
    pub client: Client,
    pub at: Timestamp,
    /// A token that was exchanged at this moment or later may be exchanged again (grace period).
    pub reusable_since: Option<Timestamp>,
    /// The longest life of a session, counted from its login.
    pub session_lifetime: Duration,
}

impl Exchange {
    /// The expiry of the next token in a session that began at `created_at`: no later than the session's end, in whole
    /// seconds as tokens have them. `None` if the session has reached its end.
    pub fn expires_at(&self, created_at: Timestamp) -> Option<Timestamp> {
        let end = (created_at + self.session_lifetime).trunc_subsecs(0);
        Some(self.next.expires_at.min(end)).filter(|expires_at| *expires_at > self.at)
    }
}

/// A new session, and the sessions that it ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Opened {
    pub login: Login,
    /// Blocklist entries of the sessions that ended because of [`MAX_SESSIONS`].
    pub revocations: Vec<Revocation>,
}

/// The result of a refresh token rotation.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(clippy::large_enum_variant, reason = "there is one a request, and it's the large one")]
pub enum Exchanged {
    /// The old token is spent and the next one is valid.
    Renewed(Login),
    /// The token had been spent before (reuse): its session is revoked.
    Reused { session_id: SessionId },
    /// The token is unknown or expired, or its session has ended.
    Refused,
}

/// A session and its user, read in one snapshot, so that tokens hold a consistent state.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Login {
    pub session: Session,
    pub user: User,
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::{DateTime, TimeDelta};

    #[test]
    fn a_token_expires_no_later_than_its_session_ends() {
        let at = |seconds: i64| DateTime::UNIX_EPOCH + TimeDelta::seconds(seconds);
        let exchange = |now, next| Exchange {
            spent: TokenId::new("spent".to_owned()),
            session_id: SessionId::new(1),
            session_key: None,
            next: RefreshGrant { token_id: TokenId::new("next".to_owned()), expires_at: next },
            client: Client::default(),
            at: now,
            reusable_since: None,
            session_lifetime: Duration::from_secs(100),
        };
        let began = at(1000) + TimeDelta::microseconds(5);
        assert_eq!(exchange(at(1010), at(1050)).expires_at(began), Some(at(1050)));
        assert_eq!(exchange(at(1060), at(1160)).expires_at(began), Some(at(1100)));
        for over in [at(1100), at(1200)] {
            assert_eq!(exchange(over, over + TimeDelta::days(7)).expires_at(began), None);
        }
    }

    #[test]
    fn a_user_agent_is_cut_and_has_no_nul() {
        let agent = format!("a\0b{}", "é".repeat(600));
        let client = Client::new(Some("203.0.113.7".to_owned()), Some(agent.as_str()));
        assert_eq!(client.ip.as_deref(), Some("203.0.113.7"));
        assert_eq!(client.user_agent, Some(format!("ab{}", "é".repeat(510))));
        assert_eq!(Client::new(None, None), Client::default());
    }
}
