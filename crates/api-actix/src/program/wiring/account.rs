//! What users do about where and how they log in.

use super::Adapters;
use crate::program::settings::Settings;
use fasttrack_app::auth::{
    AccountPolicy, change_password::ChangePassword, forgot_password::ForgotPassword, login::Login, refresh::Refresh,
    resend_verification::ResendVerification, reset_password::ResetPassword, revoke_session::RevokeSession,
    sessions::ListSessions, verify_email::VerifyEmail,
};
use fasttrack_infra_auth::secret::RandomSecrets;
use fasttrack_infra_diesel::Repositories;
use std::sync::Arc;

impl Adapters {
    pub(super) fn login(&self, policy: AccountPolicy) -> Login {
        let Repositories { users, sessions, verifications, .. } = self.repositories.clone();
        Login {
            audit: self.audit.clone(),
            users,
            sessions,
            verifications,
            hasher: self.hasher.clone(),
            issuer: self.tokens.clone(),
            blocklist: self.blocklist.clone(),
            clock: self.clock.clone(),
            policy,
        }
    }

    pub(super) fn refresh(&self, settings: &Settings) -> Refresh {
        Refresh {
            audit: self.audit.clone(),
            sessions: self.repositories.sessions.clone(),
            verifier: self.tokens.clone(),
            issuer: self.tokens.clone(),
            blocklist: self.blocklist.clone(),
            clock: self.clock.clone(),
            reuse_leeway: settings.reuse_leeway,
            session_lifetime: settings.session_lifetime,
        }
    }

    pub(super) fn list_sessions(&self) -> ListSessions {
        ListSessions::new(self.repositories.sessions.clone(), self.clock.clone())
    }

    pub(super) fn revoke_session(&self) -> RevokeSession {
        RevokeSession::new(
            self.audit.clone(),
            self.repositories.sessions.clone(),
            self.blocklist.clone(),
            self.clock.clone(),
        )
    }

    pub(super) fn change_password(&self, policy: AccountPolicy) -> ChangePassword {
        ChangePassword::new(
            self.repositories.users.clone(),
            self.hasher.clone(),
            self.blocklist.clone(),
            self.clock.clone(),
            policy,
        )
    }

    pub(super) fn forgot_password(&self) -> ForgotPassword {
        ForgotPassword::new(self.repositories.resets.clone(), self.clock.clone())
    }

    pub(super) fn verify_email(&self) -> VerifyEmail {
        VerifyEmail::new(self.repositories.verifications.clone(), Arc::new(RandomSecrets), self.clock.clone())
    }

    pub(super) fn resend_verification(&self) -> ResendVerification {
        let Repositories { users, verifications, .. } = self.repositories.clone();
        ResendVerification::new(users, verifications, self.clock.clone())
    }

    pub(super) fn reset_password(&self, policy: AccountPolicy) -> ResetPassword {
        ResetPassword::new(
            self.repositories.resets.clone(),
            Arc::new(RandomSecrets),
            self.hasher.clone(),
            self.blocklist.clone(),
            self.clock.clone(),
            policy,
        )
    }
}
