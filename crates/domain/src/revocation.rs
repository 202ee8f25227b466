//! Revocation: which acts end tokens before they expire, which tokens each ends, and how long the blocklist has them.
//!
//! A repository commits the [`Revocation`] in the transaction of the act, and the use case then adds it to the blocklist
//! of its node. Both derive it from the same [`RevokingAct`].

use crate::{
    Timestamp,
    id::{SessionId, UserId},
    token::{MAX_ACCESS_LIFETIME, TokenId},
};
use chrono::TimeDelta;

/// How far ahead a node's clock may be without dropping the revocation of another issuer's token too early: it is
/// stored nowhere else.
const CLOCK_TOLERANCE: TimeDelta = TimeDelta::days(1);

// @spec SPEC-001
// @spec SPEC-013
/// An act that ends tokens, with the token, the session or the user that it revokes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RevokingAct {
    /// A user logged out with this token of another issuer. The session at that issuer continues.
    ExternalLogout { token_id: TokenId, expires_at: Timestamp },
    /// A user ended this session, by a logout or from the list of sessions.
    Logout(SessionId),
    /// An API token was revoked by its owner or by an operator.
    ApiTokenRevoked { token_id: TokenId },
    /// A spent refresh token of this session was used again.
    RefreshTokenReused(SessionId),
    /// A login exceeded [`MAX_SESSIONS`](crate::session::MAX_SESSIONS); this session was the oldest.
    SessionLimitExceeded(SessionId),
    /// A user changed the password in another session. That one continues, and every other one ends, this one too.
    PasswordChanged(SessionId),
    /// A user set a password by a mailed token.
    PasswordReset(UserEpoch),
    /// An operator set a password.
    PasswordSet(UserEpoch),
    /// The verified owner of the address took the account over.
    TakenOver(UserEpoch),
    /// An administrator deactivated the account.
    Deactivated(UserEpoch),
    /// An administrator changed the role.
    RoleChanged(UserEpoch),
    /// The account was erased.
    Erased(UserEpoch),
}

impl RevokingAct {
    /// The blocklist entry of an act that was committed at `at`.
    pub fn revocation(&self, at: Timestamp) -> Revocation {
        match self {
            Self::ExternalLogout { token_id, expires_at } => Revocation::of_token(token_id.clone(), *expires_at),
            Self::ApiTokenRevoked { token_id } => Revocation::of_api_token(token_id.clone(), at),
            Self::Logout(id)
            | Self::RefreshTokenReused(id)
            | Self::SessionLimitExceeded(id)
            | Self::PasswordChanged(id) => Revocation::of_session(*id, at),
            Self::PasswordReset(user)
            | Self::PasswordSet(user)
            | Self::TakenOver(user)
            | Self::Deactivated(user)
            | Self::RoleChanged(user)
            | Self::Erased(user) => Revocation::of_user(user.id, user.epoch, at),
        }
    }

    /// Whether every session of the user ends, so that no refresh token issues another access token. Sessions continue
    /// after a change of role: their next access token has the new one.
    pub const fn ends_all_sessions(&self) -> bool {
        match self {
            Self::PasswordReset(_)
            | Self::PasswordSet(_)
            | Self::TakenOver(_)
            | Self::Deactivated(_)
            | Self::Erased(_) => true,
            Self::ExternalLogout { .. }
            | Self::Logout(_)
            | Self::ApiTokenRevoked { .. }
            | Self::RefreshTokenReused(_)
            | Self::SessionLimitExceeded(_)
            | Self::PasswordChanged(_)
            | Self::RoleChanged(_) => false,
        }
    }
}

/// A user and the first epoch whose access tokens are valid.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UserEpoch {
    pub id: UserId,
    /// See [`User::token_epoch`](crate::user::User::token_epoch).
    pub epoch: i64,
}

/// An entry of the blocklist: access tokens that were revoked before they expire.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Revocation {
    pub subject: Revoked,
    /// The expiry of the last of these tokens: the entry can be deleted then.
    pub until: Timestamp,
}

impl Revocation {
    /// Revokes one token of another issuer. Access tokens of this service end with their session.
    pub fn of_token(id: TokenId, expires_at: Timestamp) -> Self {
        let until = expires_at.checked_add_signed(CLOCK_TOLERANCE).unwrap_or(expires_at);
        Self { subject: Revoked::Token(id), until }
    }

    /// Revokes an API token at `at`. The table of tokens has its end for longer: nodes read it there once this entry and
    /// the cached token are gone.
    pub fn of_api_token(id: TokenId, at: Timestamp) -> Self {
        Self { subject: Revoked::Token(id), until: at + MAX_ACCESS_LIFETIME }
    }

    /// Revokes all tokens of a session that ended at `at`.
    pub fn of_session(id: SessionId, at: Timestamp) -> Self {
        Self { subject: Revoked::Session(id), until: at + MAX_ACCESS_LIFETIME }
    }

    /// Revokes all tokens of a user from before `epoch`, which began at `at`.
    pub fn of_user(id: UserId, epoch: i64, at: Timestamp) -> Self {
        Self { subject: Revoked::User { id, epoch }, until: at + MAX_ACCESS_LIFETIME }
    }
}

/// The revoked access tokens.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Revoked {
    Token(TokenId),
    Session(SessionId),
    /// All tokens of the user with an older epoch.
    User {
        id: UserId,
        /// The first valid epoch.
        epoch: i64,
    },
}

#[cfg(test)]
mod tests {
    use super::*;

    const SESSION: SessionId = SessionId::new(8);
    const USER: UserEpoch = UserEpoch { id: UserId::new(7), epoch: 3 };
    const AT: Timestamp = Timestamp::UNIX_EPOCH;

    fn token() -> TokenId {
        TokenId::new("external".to_owned())
    }

    #[test]
    fn each_act_revokes_a_token_a_session_or_a_user() {
        let day = TimeDelta::days(1);
        let expires_at = AT + TimeDelta::minutes(5);
        let external = RevokingAct::ExternalLogout { token_id: token(), expires_at };
        let session = || Revoked::Session(SESSION);
        let user = || Revoked::User { id: USER.id, epoch: USER.epoch };
        for (act, subject, until) in [
            (external, Revoked::Token(token()), expires_at + day),
            (RevokingAct::ApiTokenRevoked { token_id: token() }, Revoked::Token(token()), AT + day),
            (RevokingAct::Logout(SESSION), session(), AT + day),
            (RevokingAct::RefreshTokenReused(SESSION), session(), AT + day),
            (RevokingAct::SessionLimitExceeded(SESSION), session(), AT + day),
            (RevokingAct::PasswordChanged(SESSION), session(), AT + day),
            (RevokingAct::PasswordReset(USER), user(), AT + day),
            (RevokingAct::PasswordSet(USER), user(), AT + day),
            (RevokingAct::TakenOver(USER), user(), AT + day),
            (RevokingAct::Deactivated(USER), user(), AT + day),
            (RevokingAct::RoleChanged(USER), user(), AT + day),
            (RevokingAct::Erased(USER), user(), AT + day),
        ] {
            assert_eq!(act.revocation(AT), Revocation { subject, until }, "{act:?}");
        }
    }

    #[test]
    fn user_acts_end_all_sessions_except_a_new_role() {
        for (act, ends) in [
            (RevokingAct::ExternalLogout { token_id: token(), expires_at: AT }, false),
            (RevokingAct::ApiTokenRevoked { token_id: token() }, false),
            (RevokingAct::Logout(SESSION), false),
            (RevokingAct::RefreshTokenReused(SESSION), false),
            (RevokingAct::SessionLimitExceeded(SESSION), false),
            (RevokingAct::PasswordChanged(SESSION), false),
            (RevokingAct::PasswordReset(USER), true),
            (RevokingAct::PasswordSet(USER), true),
            (RevokingAct::TakenOver(USER), true),
            (RevokingAct::Deactivated(USER), true),
            (RevokingAct::RoleChanged(USER), false),
            (RevokingAct::Erased(USER), true),
        ] {
            assert_eq!(act.ends_all_sessions(), ends, "{act:?}");
        }
    }

    #[test]
    fn external_token_of_the_furthest_expiry_is_revoked() {
        let revocation = Revocation::of_token(token(), Timestamp::MAX_UTC);
        assert_eq!(revocation.until, Timestamp::MAX_UTC);
    }
}
