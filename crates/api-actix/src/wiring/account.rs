//! What users do about where and how they log in.

use super::Adapters;
use fasttrack_app::auth::{
    change_password::ChangePassword, forgot_password::ForgotPassword, reset_password::ResetPassword,
    revoke_session::RevokeSession, sessions::ListSessions,
};
use fasttrack_infra_auth::secret::RandomSecrets;
use std::sync::Arc;

impl Adapters {
    pub(super) fn list_sessions(&self) -> ListSessions {
        ListSessions::new(self.repositories.sessions.clone(), self.clock.clone())
    }

    pub(super) fn revoke_session(&self) -> RevokeSession {
        RevokeSession::new(self.repositories.sessions.clone(), self.blocklist.clone(), self.clock.clone())
    }

    pub(super) fn change_password(&self) -> ChangePassword {
        ChangePassword::new(
            self.repositories.users.clone(),
            self.hasher.clone(),
            self.blocklist.clone(),
            self.clock.clone(),
        )
    }

    pub(super) fn forgot_password(&self) -> ForgotPassword {
        ForgotPassword::new(self.repositories.resets.clone(), self.clock.clone())
    }

    pub(super) fn reset_password(&self) -> ResetPassword {
        ResetPassword::new(
            self.repositories.resets.clone(),
            Arc::new(RandomSecrets),
            self.hasher.clone(),
            self.blocklist.clone(),
            self.clock.clone(),
        )
    }
}
