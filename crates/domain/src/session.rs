//! Sessions: what begins with a login, is carried on by refresh tokens, and ends.

use crate::{
    Timestamp,
    id::{SessionId, UserId},
    password::PasswordHash,
    token::TokenId,
    user::User,
};

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
    /// The token that is handed out.
    pub next: RefreshGrant,
    /// Who asks.
    pub client: Client,
    /// Now.
    pub at: Timestamp,
    /// A token spent at this moment or later may be exchanged again.
    pub reusable_since: Option<Timestamp>,
    /// How long the session must stay on the blocklist if this turns out to be a reuse.
    pub block_until: Timestamp,
}

/// What came of an exchange.
#[derive(Clone, Debug, PartialEq, Eq)]
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
