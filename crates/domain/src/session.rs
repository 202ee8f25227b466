//! Sessions: what begins with a login, is carried on by refresh tokens, and ends.

use crate::{
    Timestamp,
    id::{SessionId, UserId},
    key::InstanceKey,
    password::PasswordHash,
    token::{Revocation, TokenId},
    user::User,
};
use chrono::SubsecRound;
use std::time::Duration;

/// Live sessions that a user has at most: one more ends the oldest.
pub const MAX_SESSIONS: u32 = 50;

/// A login that goes on.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct Session {
    /// The `sid` of its tokens.
    pub id: SessionId,
    /// Whose.
    pub user_id: UserId,
    /// When the user logged in.
    pub created_at: Timestamp,
    /// When its tokens were last exchanged.
    pub last_used_at: Timestamp,
    /// When its last refresh token expires.
    pub expires_at: Timestamp,
    /// Where it was last used from.
    pub ip: Option<String>,
    /// By which client, cut to 512 characters.
    pub user_agent: Option<String>,
    /// Tells it from another session that was given the same id before or after a restored backup.
    #[cfg_attr(feature = "serde", serde(skip))]
    pub key: InstanceKey,
}

/// The client behind a login or an exchange, for the list of sessions.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Client {
    /// Its address.
    pub ip: Option<String>,
    /// What it calls itself.
    pub user_agent: Option<String>,
}

impl Client {
    /// A client; an overlong or unstorable name of itself is cut, not refused.
    pub fn new(ip: Option<String>, user_agent: Option<&str>) -> Self {
        let user_agent = user_agent.map(|name| name.chars().filter(|c| *c != '\0').take(512).collect());
        Self { ip, user_agent }
    }
}

/// A refresh token that is about to be handed out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RefreshGrant {
    /// Its `jti`.
    pub token_id: TokenId,
    /// Its `exp`.
    pub expires_at: Timestamp,
}

/// A session that is to begin.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewSession {
    /// Whose.
    pub user_id: UserId,
    /// What the user's password was compared with; where another one stands by now, nothing begins. Absent where it
    /// was not by password that the user proved who they are.
    pub proven_by: Option<PasswordHash>,
    /// What replaces `proven_by`: the same password, hashed as passwords are now. Nothing ends by it.
    pub renewed: Option<PasswordHash>,
    /// Its first refresh token.
    pub refresh: RefreshGrant,
    /// Who logged in.
    pub client: Client,
    /// Now.
    pub created_at: Timestamp,
}

/// A refresh token that is to be exchanged for another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exchange {
    /// The token that is given in.
    pub spent: TokenId,
    /// The session it claims to belong to.
    pub session_id: SessionId,
    /// The key of that session; absent in tokens of releases that made none.
    pub session_key: Option<InstanceKey>,
    /// The token that is handed out.
    pub next: RefreshGrant,
    /// Who asks.
    pub client: Client,
    /// Now.
    pub at: Timestamp,
    /// A token spent at this moment or later may be exchanged again.
    pub reusable_since: Option<Timestamp>,
    /// How long a session goes on at most, counted from its login.
    pub session_lifetime: Duration,
}

impl Exchange {
    /// When the next token expires in a session that began at `created_at`: no later than the session ends. In whole
    /// seconds, as tokens have them. `None` where the session has reached its end.
    pub fn expires_at(&self, created_at: Timestamp) -> Option<Timestamp> {
        let end = (created_at + self.session_lifetime).trunc_subsecs(0);
        Some(self.next.expires_at.min(end)).filter(|expires_at| *expires_at > self.at)
    }
}

/// A session that has begun.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Opened {
    /// The session and its user.
    pub login: Login,
    /// Entries of the blocklist for the sessions that ended for it, see [`MAX_SESSIONS`].
    pub revocations: Vec<Revocation>,
}

/// What came of an exchange.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(clippy::large_enum_variant, reason = "there is one a request, and it's the large one")]
pub enum Exchanged {
    /// The old token is spent and the new one is good.
    Renewed(Login),
    /// The token was spent before: its session is revoked now, if it wasn't already.
    Reused {
        /// The session that is revoked.
        session_id: SessionId,
    },
    /// No such token, or it has expired, or its session is over.
    Refused,
}

/// A session and its user, read in one moment: the tokens made of it say what was true then.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Login {
    /// The session.
    pub session: Session,
    /// Its user.
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
}
