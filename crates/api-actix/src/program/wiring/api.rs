//! The use cases on our adapters, as the settings say.

use super::Adapters;
use crate::{
    api::Api,
    http::readiness::Readiness,
    program::{
        settings::{ExternalIssuer, Settings},
        start::StartError,
    },
};
use fasttrack_app::{Config, UseCases};
use fasttrack_domain::ports::{identity::ExternalVerifier, mail::Mailer};
use fasttrack_infra_auth::external::{ExternalConfig, ExternalTokens, Policy};
use fasttrack_infra_notify::mail::{LogMailer, SmtpMailer};
use std::sync::Arc;

/// Maximum number of cached tokens of another issuer, which take about 300 bytes each.
const REMEMBERED_TOKENS: usize = 10_000;

pub(super) fn use_case_config(settings: &Settings) -> Config {
    Config {
        registration_open: settings.server.registration_open,
        accounts: settings.tokens.account_policy,
        quotas: settings.limits.quotas,
        retention: settings.limits.retention,
        webhook_retries: settings.webhooks.retries.clone(),
        reuse_leeway: settings.tokens.reuse_leeway,
        session_lifetime: settings.tokens.session_lifetime,
        reset_page: settings.mail.reset_page.clone(),
        verification_page: settings.mail.verification_page.clone(),
        invitation_page: settings.mail.invitation_page.clone(),
    }
}

/// Returns a verifier for the issuer that the settings name; `None` if they name none.
pub(super) fn external_tokens(settings: &Settings) -> Result<Option<Arc<dyn ExternalVerifier>>, StartError> {
    let Some(ExternalIssuer { jwks_url, issuer, audience }) = settings.tokens.external_issuer.clone() else {
        return Ok(None);
    };
    let policy = Policy::default();
    let config = ExternalConfig { jwks_url, issuer, audience, policy, cache_capacity: REMEMBERED_TOKENS };
    let tokens = ExternalTokens::new(config).map_err(|error| StartError::failed("JWKS_URL", &error))?;
    Ok(Some(Arc::new(tokens)))
}

pub(super) fn mailer(settings: &Settings) -> Result<Arc<dyn Mailer>, StartError> {
    let (Some(url), Some(sender)) = (settings.mail.smtp_url.clone(), settings.mail.from.clone()) else {
        return Ok(Arc::new(LogMailer::new(settings.mail.log_body)));
    };
    let mailer = SmtpMailer::new(url, sender).map_err(|error| StartError::failed("SMTP_URL", &error))?;
    Ok(Arc::new(mailer))
}

impl Adapters {
    pub fn use_cases(&self) -> UseCases {
        self.use_cases.clone()
    }

    /// Builds the API on these adapters.
    pub fn api(&self) -> Api {
        Api {
            use_cases: self.use_cases(),
            verifier: self.tokens.clone(),
            clock: self.clock.clone(),
            audit: self.audit.clone(),
            readiness: Readiness::new(self.repositories.health.clone()),
            jwks: self.jwks.clone(),
        }
    }
}
